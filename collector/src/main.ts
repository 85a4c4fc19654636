#!/usr/bin/env node
/**
 * `sendoff-collector`: the receiving end. Each command is a file in `cli`, loaded when it is asked
 * for.
 */
import { Command, Option } from "commander";
import collector from "../package.json" with { type: "json" };
import type { DemoFlags } from "./cli/demo.ts";
import { flagOf, variableOf } from "./config/read-settings.ts";
import { type Setting, type SettingName, settingNames, settings } from "./config/settings.ts";
import { SettingsError, ToldError } from "./config/told-error.ts";

const program = new Command("sendoff-collector")
  // A command's flags are its own: `demo --events` is a number.
  .enablePositionalOptions()
  // A flag that there is not is a wrong setting like others; `--help` ends with 0.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description("Receives, stores and shows the build telemetry that sendoff sends.")
  .version(collector.version)
  .helpCommand("help [command]", "the same as --help")
  .usage("[options] [command]")
  // Ids are nobody's business on this machine either, in whatever the engine writes; pages are.
  .hook("preAction", (_, command) => {
    if (command.name() !== "publish") process.umask(0o077);
    const lost = command === program ? [] : Object.keys(program.opts());
    if (lost.length > 0) {
      const flags = lost.map((name) => flagOf(name as SettingName)).join(", ");
      throw new SettingsError(
        `${flags} before ${command.name()} would do nothing: see sendoff-collector ${command.name()} --help.`,
      );
    }
  })
  .option("--config <FILE>", 'these settings as JSON, by their names: { "retentionDays": 60 }')
  .addHelpText(
    "after",
    `
Each setting can be a variable, too: ${variableOf("retentionDays")}=60. A flag comes
before a variable, a variable before the file. What may be said again is separated by commas in
a variable, and a list in the file.

To begin with:
  acme telemetry events --json-schema > telemetry.schema.json
  sendoff-collector --events telemetry.schema.json`,
  )
  .argument("[command]")
  .action(async (command: string | undefined, flags: Record<string, unknown>) => {
    if (command !== undefined) {
      throw new SettingsError(`${command} is no command: see --help.`);
    }
    const { serve } = await import("./cli/serve.ts");
    const { config, ...given } = flags;
    await serve({ flags: given, env: process.env, file: config as string | undefined });
  });

for (const name of settingNames) {
  const setting: Setting = settings[name];
  const option = new Option(
    `${flagOf(name)}${setting.value && ` <${setting.value}>`}`,
    setting.words,
  );
  if (setting.isList) {
    option.argParser((value: string, before: string[] = []) => [...before, value]);
    option.description += "; may be said again";
  }
  const preset = String(setting.schema.safeParse(undefined).data ?? "");
  if (preset && setting.value) option.description += ` (${preset})`;
  program.addOption(option);
}

program
  .command("token")
  .description("makes a token that may see the numbers, and prints it and its hash")
  .action(async () => {
    const { createToken } = await import("./auth/tokens.ts");
    const { token, hash } = createToken();
    process.stdout.write(
      `token: ${token}\n  for whoever may see the numbers; it is shown this once\nhash:  ${hash}\n  for the collector: --token ${hash}\n`,
    );
  });

for (const [name, isBanned, words] of [
  ["ban", true, "throws away what an installation sends from now on"],
  ["unban", false, "takes it again"],
] as const) {
  program
    .command(`${name} <id>`)
    .description(words)
    .requiredOption("--database <FILE>", "the collector's DuckDB file", "./telemetry.duckdb")
    .action(async (id: string, { database }: { database: string }) => {
      const { changeBan } = await import("./rates/bans.ts");
      const hash = changeBan(database, id, isBanned);
      process.stdout.write(
        `${hash} is ${isBanned ? "banned" : "not banned"}; a running collector sees it within 5 s.\n`,
      );
    });
}

program
  .command("demo")
  .description("a made-up history of 90 days in a store of its own, to look at")
  .option("--store <WHERE>", "where to; not one that is used", "duckdb:./demo.duckdb")
  .option("--events <NUMBER>", "about so many", "300000")
  .option("--installations <NUMBER>", "so many different ones", "100000")
  .option("--days <NUMBER>", "up to now", "90")
  .option("--seed <NUMBER>", "another history for another number", "1")
  .option("--port <NUMBER>", "the collector's that is started on it")
  .option("--no-serve", "only write it")
  .action(async (flags: DemoFlags) => {
    const { demo } = await import("./cli/demo.ts");
    await demo(flags);
  });

program
  .command("publish")
  .description("writes a page and JSON of the numbers, for the product's website; k applies")
  .requiredOption("--out <DIR>", "where to")
  .option("--from <URL>", "the running collector", "http://127.0.0.1:4817")
  .option("--product <NAME>", "one of its products; all of them, each in a folder, where left out")
  .addHelpText("after", "\nIts token, where it wants one, is read from COLLECTOR_TOKEN.")
  .action(async ({ out, from, product }: { out: string; from: string; product?: string }) => {
    const { askCollector, publish } = await import("./publish/publish.ts");
    const pages = await publish(askCollector(from, process.env.COLLECTOR_TOKEN), { out, product });
    process.stdout.write(`${pages.join("\n")}\n`);
  });

program
  .command("copy")
  .description("every event of one store into another; may be run again, and counts none twice")
  .requiredOption("--from <WHERE>", "duckdb:FILE, also of a running collector, or clickhouse:URL")
  .requiredOption("--to <WHERE>", "clickhouse:URL, or duckdb:FILE")
  .option("--retention-days <DAYS>", "of both; older events are not kept", "90")
  .action(async (flags: { from: string; to: string; retentionDays: string }) => {
    const { copy } = await import("./cli/copy.ts");
    const isWhole = await copy(flags);
    process.exitCode = isWhole ? 0 : 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  // What an operator can mend is told in a sentence; the rest is ours, and keeps its stack.
  const isTold = error instanceof ToldError || "syscall" in (error as Error);
  process.stderr.write(`${isTold ? (error as Error).message : (error as Error).stack}\n`);
  // A service is not started again after 2 (collector/deploy).
  process.exitCode = error instanceof SettingsError ? 2 : 1;
}
