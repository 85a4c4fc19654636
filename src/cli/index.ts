/**
 * The commands, for the terminal of the developer whose builds are counted: what is on and why,
 * what is sent, exactly, and how to stop it. They are the only code that rewrites preferences, and
 * the only one that people wait for; nothing of it is loaded by a build.
 *
 * `runTelemetryCommand` mounts them in a product's own CLI; `bin.ts` runs them as `sendoff`.
 */
import { parseArgs } from "node:util";
import { accessTo, type RunnableTelemetry } from "./access.ts";
import { type Command, type CommandContext, Misuse } from "./command.ts";
import { commands } from "./commands/index.ts";
import { explain } from "./explain.ts";
import { commandHelp, help, isHelp } from "./help.ts";
import { createTerminal } from "./terminal.ts";

export type { RunnableTelemetry } from "./access.ts";

export interface RunOptions {
  /**
   * How a command is called, for help and hints: what stands before its name, and after it.
   * @default { before: "<name> telemetry", after: "" }
   */
  called?: { before: string; after?: string };
}

/**
 * Runs one command, such as `["show", "--json"]`, and prints what it has to say. Never throws for
 * what goes wrong on the machine.
 * @param telemetry what `createTelemetry` returned, or a product's name, as far as that goes.
 * @returns the exit code: 0 done, 1 failed, 2 not understood.
 * @throws TypeError for what is no tracker.
 */
export async function runTelemetryCommand(
  telemetry: RunnableTelemetry | string,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  const terminal = createTerminal();
  const name = typeof telemetry === "string" ? telemetry : telemetry?.name;
  const { before, after = "" } = options.called ?? { before: `${name} telemetry` };
  const call = (words: string) => {
    const [own, ...others] = words.split(/ (?=-- )/);
    return [before, own, after, ...others].filter(Boolean).join(" ");
  };
  const misuse = (problem: string, see: string) => {
    terminal.complain(`${problem}\nSee: ${call(see)}`);
    return 2;
  };

  const [word, ...rest] = argv;
  try {
    if (word === undefined || isHelp(word)) {
      const about = rest.find((other) => !other.startsWith("-"));
      const command = about === undefined ? undefined : commandOf(about);
      if (about !== undefined && !command)
        return misuse(`There is no command "${about}".`, "--help");
      terminal.print(command ? commandHelp(about as string, command, call) : help(name, call));
      return word === undefined ? 2 : 0;
    }
    const command = commandOf(word);
    if (!command) return misuse(`There is no command "${word}".`, "--help");
    const [own, words] = split(command, rest);
    if (own.some((flag) => flag === "--help" || flag === "-h")) {
      terminal.print(commandHelp(word, command, call));
      return 0;
    }
    const values = parsed(command, own);
    const access = await accessTo(telemetry);
    try {
      return await command.run({ access, terminal, values, words, call });
    } catch (error) {
      if (error instanceof Misuse) throw error;
      terminal.complain(terminal.style.red(explain(error, access.offVariable)));
      return 1;
    }
  } catch (error) {
    if (error instanceof Misuse) return misuse(error.message, `${word} --help`);
    throw error;
  } finally {
    await terminal.drained();
  }
}

function commandOf(word: string): Command | undefined {
  return Object.hasOwn(commands, word) ? commands[word] : undefined;
}

/**
 * A command's own words, and for `try` the command to run, which has options of its own. The `--`
 * between the two may be missing: some CLI libraries swallow it.
 */
function split(command: Command, argv: readonly string[]): [readonly string[], readonly string[]] {
  if (!command.takesCommand) return [argv, []];
  let end = 0;
  while (argv[end]?.startsWith("-") && argv[end] !== "--") {
    const option = command.options?.[(argv[end] as string).slice(2)];
    end += option?.type === "string" ? 2 : 1;
  }
  return [argv.slice(0, end), argv.slice(argv[end] === "--" ? end + 1 : end)];
}

/** @throws Misuse for what the command doesn't take. */
function parsed(command: Command, argv: readonly string[]): CommandContext["values"] {
  try {
    const { values } = parseArgs({ args: [...argv], options: command.options ?? {} });
    return values as CommandContext["values"];
  } catch (error) {
    // Only the first sentence is about what was typed.
    const [problem] = (error as Error).message.split(/\.? To specify|\. /, 1);
    throw new Misuse(`${problem}.`.replace(/\.\.$/, "."));
  }
}
