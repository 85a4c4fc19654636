import { program } from "commander";
import { runTelemetryCommand } from "sendoff/cli";
import { telemetry } from "./telemetry.mjs";

program.name("acme").enablePositionalOptions();

// The three lines.
const mounted = program
  .command("telemetry")
  .argument("[words...]")
  .description("what is collected");
const run = async (words) => process.exit(await runTelemetryCommand(telemetry, words));
mounted.helpOption(false).passThroughOptions().allowUnknownOption().action(run);

await program.parseAsync();
