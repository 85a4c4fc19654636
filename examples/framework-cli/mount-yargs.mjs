import { runTelemetryCommand } from "sendoff/cli";
import yargs from "yargs";
import { telemetry } from "./telemetry.mjs";

const cli = yargs(process.argv.slice(2)).scriptName("acme");

// The three lines.
const words = process.argv.slice(process.argv.indexOf("telemetry") + 1);
const run = async () => process.exit(await runTelemetryCommand(telemetry, words));
cli.command("telemetry", "what is collected", (own) => own.help(false).version(false), run);

await cli.parseAsync();
