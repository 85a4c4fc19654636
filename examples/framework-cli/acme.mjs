#!/usr/bin/env node
import { program } from "commander";
import { telemetry } from "./telemetry.mjs";

program.name("acme").enablePositionalOptions();

program
  .command("build")
  .description("build the site")
  .option("--no-telemetry", "don't count this build")
  .action(async () => {
    const { build } = await import("./build.mjs");
    await build();
  });

program
  .command("telemetry")
  .argument("[words...]")
  .description("what is collected, and how to turn it off")
  .helpOption(false)
  .passThroughOptions()
  .allowUnknownOption()
  .action(async (words) => {
    // Only here: a build loads nothing of the commands.
    const { runTelemetryCommand } = await import("sendoff/cli");
    process.exitCode = await runTelemetryCommand(telemetry, words);
  });

await program.parseAsync();
