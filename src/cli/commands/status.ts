import type { State } from "../../consent/index.ts";
import { listErasures } from "../../spool/index.ts";
import { destination } from "../../support/sinks.ts";
import type { Access } from "../access.ts";
import type { Command } from "../command.ts";
import { knownSinks, pausedUntil } from "../sinks.ts";
import { ago, aligned, listed, moment, plural, shortPath, type Terminal } from "../terminal.ts";
import { waitingBatches } from "../waiting.ts";

export const status: Command = {
  summary: "whether builds are counted, what decided, and what waits",
  usage: "[--json]",
  details: [],
  options: { json: { type: "boolean" } },
  optionWords: [["--json", "the same for programs: state, row, because, waiting, lastSentAt, …"]],
  run({ access, terminal, values, call }) {
    const found = access.status();
    if (values.json) {
      terminal.print(JSON.stringify(found, null, 2));
      return 0;
    }
    const { state, because, lastSentAt, preferences } = found;
    const { style } = terminal;
    terminal.print(`${access.name} telemetry is ${inColour(terminal, state)}: ${because}`);
    const doubt = state === "off" ? undefined : doubtAbout(access);
    if (doubt) terminal.print(`  as far as can be told: ${doubt}`);
    const to = [...new Set(knownSinks(access).map(destination))];
    const sent = lastSentAt === undefined ? "nothing yet" : `${ago(Date.parse(lastSentAt))}`;
    terminal.print();
    terminal.print(
      aligned([
        ["waiting", waitingWords(access)],
        ["last sent", lastSentAt === undefined ? sent : `${sent}, ${moment(lastSentAt)}`],
        ...(to.length > 0 ? ([["sent to", listed(to)]] as const) : []),
        ...erasureRow(access, call("erase")),
        ["preferences", shortPath(preferences)],
      ]),
    );
    terminal.print();
    const hints: [string, string][] = [
      [call("show"), "what waits and what was sent"],
      state === "off"
        ? [call("enable"), "agree to being counted"]
        : [call("disable"), "turn it off, for good"],
    ];
    terminal.print(style.dim(aligned(hints)));
    return 0;
  },
};

/** By name alone the product's own no, and whether it asks first, can't be told. */
function doubtAbout({ isKnownHere, isSettled, name, options }: Access): string | undefined {
  if (!isSettled) return `${name}'s configuration has not loaded`;
  if (options) return undefined;
  return isKnownHere()
    ? `${name} itself can't be asked by name alone`
    : `no build of ${name} has been counted here; is that its name?`;
}

export function inColour({ style }: Terminal, state: State): string {
  const colour = { on: style.green, local: style.yellow, off: style.red }[state];
  return style.bold(colour(state));
}

/** How much waits, and for what. */
function waitingWords(access: Access): string {
  const waiting = waitingBatches(access.places.spool);
  if (waiting.length === 0) return "nothing";
  const count = plural(waiting.length, "batch", "batches");
  const { state } = access.status();
  if (state !== "on") return `${count}, not sent while it is ${state}`;
  const until = pausedUntil(access);
  if (until !== undefined) {
    return `${count}; the last attempt failed, the next is made after ${moment(until)}`;
  }
  if (waiting.every(({ isHeld }) => isHeld)) return `${count}, held back until the next run`;
  return `${count}, sent when the next build ends`;
}

function erasureRow({ places }: Access, command: string): [string, string][] {
  const asked = listErasures(places.erasures, Date.now()).length;
  return asked === 0 ? [] : [["erasures", `${asked} not confirmed yet; ${command} asks again`]];
}
