import type { Command } from "./command.ts";
import { commands } from "./commands/index.ts";
import { aligned } from "./terminal.ts";

type Call = (words: string) => string;

export function help(name: string, call: Call): string {
  const rows = Object.entries(commands).map(([word, { summary }]) => [word, summary] as const);
  return [
    `${name}'s build telemetry: what it collects, what it sends, and how to turn it off.`,
    "",
    `Usage: ${call("COMMAND")}`,
    "",
    aligned(rows),
    "",
    `More on each: ${call("COMMAND --help")}`,
    "Exit codes: 0 done, 1 failed, 2 not understood.",
  ].join("\n");
}

export function commandHelp(word: string, command: Command, call: Call): string {
  const { details, optionWords = [], summary, usage = "" } = command;
  return [
    `${word}: ${summary}.`,
    "",
    `Usage: ${call([word, usage].filter(Boolean).join(" "))}`,
    ...(details.length > 0 ? ["", ...details] : []),
    ...(optionWords.length > 0 ? ["", aligned(optionWords)] : []),
  ].join("\n");
}

export function isHelp(word: string): boolean {
  return word === "help" || word === "--help" || word === "-h";
}
