/**
 * The commands, for the terminal of the developer whose builds are counted. They are the only code
 * that rewrites preferences.
 */
import { accessByName } from "./access.ts";
import { commands } from "./commands.ts";

/** Runs one command and returns its exit code: 0 done, 1 failed, 2 not understood. */
export async function runTelemetryCommand(name: string, argv: readonly string[]): Promise<number> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const [word, ...rest] = argv;
  const isHelp = word === undefined || word === "help" || argv.includes("--help");
  if (isHelp) {
    print(help(name));
    return word === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (!command || rest.length > 0) {
    process.stderr.write(
      `${command ? `${word} takes nothing more` : `No command "${word}"`}; see --help\n`,
    );
    return 2;
  }
  try {
    return await command.run({ access: accessByName(name), print });
  } catch (error) {
    process.stderr.write(`${word} failed: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

function help(name: string): string {
  const rows = Object.entries(commands).map(
    ([word, { summary }]) => `  ${word.padEnd(9)} ${summary}`,
  );
  return [`Telemetry of ${name}:`, "", ...rows].join("\n");
}
