import type { State } from "../../consent/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { disable, enable, local } from "../commands/choose.ts";
import { erase } from "../commands/erase.ts";
import { explain } from "../explain.ts";

/** A command that can be pressed. */
export interface Switch {
  word: string;
  label: string;
  /** What it does, before somebody presses it. */
  about: string;
  isDangerous?: true;
  command: Command;
}

const all: Record<string, Omit<Switch, "word">> = {
  disable: {
    label: "Turn off",
    about:
      "For good. Deletes what waits and what was kept, the counts, the id and the salt, at once. " +
      "What was sent before stays where it was sent: to have that deleted too, erase first.",
    command: disable,
  },
  local: {
    label: "Keep it here",
    about:
      "Builds are recorded for this page, and nothing is sent. What is recorded from now on stays " +
      "on this machine, also after a later “Turn on”.",
    command: local,
  },
  enable: {
    label: "Turn on",
    about: "Agree to being counted. What can be sent stands below, every field of it.",
    command: enable,
  },
  erase: {
    label: "Erase",
    about:
      "Deletes everything here, and asks each endpoint to delete what it holds under this " +
      "machine’s id. If it is off, it stays off; else builds begin anew, with the notice.",
    isDangerous: true,
    command: erase,
  },
};

const offered: Record<State, readonly string[]> = {
  on: ["disable", "local", "erase"],
  local: ["disable", "enable", "erase"],
  off: ["enable", "local", "erase"],
};

export function switchesFor(state: State): Switch[] {
  return offered[state].map((word) => ({ word, ...(all[word] as Omit<Switch, "word">) }));
}

export function isSwitch(word: string): boolean {
  return Object.hasOwn(all, word);
}

/** Runs the command itself, and gives what it would have said in a terminal. */
export async function press(word: string, context: CommandContext): Promise<string> {
  const said: string[] = [];
  const say = (text = "") => void said.push(text.replaceAll(/^ +/gm, ""));
  const { style } = context.terminal;
  const plain = Object.fromEntries(
    Object.keys(style).map((colour) => [colour, (text: string) => text]),
  );
  const terminal = {
    ...context.terminal,
    style: plain as typeof style,
    width: Number.POSITIVE_INFINITY,
    print: say,
    complain: say,
    progress: () => {},
  };
  try {
    await all[word]?.command.run({ ...context, terminal, values: {}, words: [] });
  } catch (error) {
    say(explain(error, context.access.offVariable));
  }
  return said.join("\n").trim();
}
