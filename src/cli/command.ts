import type { ParseArgsConfig } from "node:util";
import type { Access } from "./access.ts";
import type { Terminal } from "./terminal.ts";

/** What a command gets to work with and to print to. */
export interface CommandContext {
  access: Access;
  terminal: Terminal;
  /** As given, by name. */
  values: Record<string, string | boolean | undefined>;
  /** The words after the command's own options. */
  words: readonly string[];
  /** How somebody calls a command here: `acme telemetry status`. */
  call(words: string): string;
}

export interface Command {
  /** For the list of commands: a few words. */
  summary: string;
  /** What follows the command's name. @default "" */
  usage?: string;
  /** For its own help, after the summary. */
  details: readonly string[];
  options?: NonNullable<ParseArgsConfig["options"]>;
  /** How its options read in its help. */
  optionWords?: readonly (readonly [string, string])[];
  /** Whether all that follows its options is another command. */
  takesCommand?: boolean;
  /** @returns the exit code. @throws Misuse, or an error whose message says what to do. */
  run(context: CommandContext): number | Promise<number>;
}

/** Not understood: exit code 2. */
export class Misuse extends Error {}
