import { defineCommand, runMain, showUsage } from "citty";
import { runTelemetryCommand } from "sendoff/cli";
import { telemetry } from "./telemetry.mjs";

// The three lines.
const words = process.argv.slice(process.argv.indexOf("telemetry") + 1);
const run = async () => process.exit(await runTelemetryCommand(telemetry, words));
const mounted = defineCommand({ meta: { description: "what is collected" }, run });

const acme = defineCommand({ meta: { name: "acme" }, subCommands: { telemetry: mounted } });
// citty answers --help itself, wherever it stands; this leaves it to the commands.
const usage = (command, parent) => (command === mounted ? run() : showUsage(command, parent));
await runMain(acme, { showUsage: usage });
