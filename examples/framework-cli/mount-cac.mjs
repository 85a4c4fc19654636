import { cac } from "cac";
import { runTelemetryCommand } from "sendoff/cli";
import { telemetry } from "./telemetry.mjs";

const cli = cac("acme");

// The three lines.
const words = process.argv.slice(process.argv.indexOf("telemetry") + 1);
const run = async () => process.exit(await runTelemetryCommand(telemetry, words));
cli.command("telemetry [...words]", "what is collected", { allowUnknownOptions: true }).action(run);

cli.parse();
