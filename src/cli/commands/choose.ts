import { existsSync } from "node:fs";
import { countWaiting, listErasures, readDays } from "../../spool/index.ts";
import { chooseTelemetry } from "../../tracker/choose.ts";
import type { Access } from "../access.ts";
import type { Command, CommandContext } from "../command.ts";
import { leftBehind } from "../left-behind.ts";
import { listed, plural, shortPath } from "../terminal.ts";
import { inColour } from "./status.ts";

export const enable: Command = {
  summary: "agree to being counted",
  details: ["What is collected: see `events`. What is sent: see `show`."],
  run(context) {
    const { identity, places, subject } = context.access;
    const file = chooseTelemetry(places, true, { alsoRead: subject.alsoRead, identity });
    context.terminal.print(`Your choice is kept in ${shortPath(file)}`);
    return tellState(context, "on");
  },
};

export const local: Command = {
  summary: "record and keep for `show`, and send nothing",
  details: [
    "What is recorded from now on stays on this machine, also after a later `enable`.",
    "What waits already is kept, and is sent if you enable telemetry again.",
  ],
  run(context) {
    const { identity, places, subject } = context.access;
    const file = chooseTelemetry(places, "local", { alsoRead: subject.alsoRead, identity });
    context.terminal.print(`Your choice is kept in ${shortPath(file)}`);
    return tellState(context, "local");
  },
};

export const disable: Command = {
  summary: "turn it off, for good",
  details: [
    "Deletes what waits and what was kept, the counts, the id and the salt, at once.",
    "What was sent before stays where it was sent. To have that deleted too, run `erase` first:",
    "afterwards nobody knows the id any more.",
  ],
  run({ access, terminal, call }) {
    const deleted = whatGoes(access);
    const isKnown = access.isKnownHere();
    const file = chooseTelemetry(access.places, false);
    terminal.print(`${access.name} telemetry is ${inColour(terminal, "off")}.`);
    if (deleted.length > 0) terminal.print(`  Deleted: ${listed(deleted)}.`);
    if (!isKnown) terminal.print(`  No build of ${access.name} has been counted here.`);
    terminal.print(`  Your choice is kept in ${shortPath(file)}`);
    if (listErasures(access.places.erasures, Date.now()).length > 0) {
      terminal.print(`  An erasure is not confirmed yet; ${call("erase")} asks again.`);
    }
    return complainOfLeftovers({ access, terminal });
  },
};

/** What turning off deletes here, in words; nothing where there is nothing. */
function whatGoes({ places, readings }: Access): string[] {
  const waiting = countWaiting(places.spool);
  const [own] = readings();
  const hasId = own?.is === "read" && own.preferences.anonymousId !== undefined;
  return [
    ...(waiting > 0 ? [plural(waiting, "waiting batch", "waiting batches")] : []),
    ...(readDays(places.rollups).length > 0 ? ["the counts"] : []),
    ...([places.sent, places.local].some((file) => existsSync(file)) ? ["what was kept"] : []),
    ...(hasId ? ["the id", "the salt"] : []),
  ];
}

export function complainOfLeftovers({
  access,
  terminal,
}: Pick<CommandContext, "access" | "terminal">): number {
  const left = leftBehind(access.places);
  if (left.length === 0) return 0;
  const files = left.map(shortPath).join(", ");
  terminal.complain(`Could not be deleted: ${files}. Nothing of it is sent; remove it by hand.`);
  return 1;
}

/** Chosen by the user, but something that ranks above may say otherwise. */
function tellState({ access, terminal }: CommandContext, wanted: "on" | "local"): number {
  const { state, because } = access.status();
  const shown = inColour(terminal, state);
  if (state === wanted) {
    terminal.print(`${access.name} telemetry is ${shown}.`);
    return 0;
  }
  terminal.print(`${access.name} telemetry is ${shown} here all the same: ${because}`);
  for (const { file } of access.subject.alsoRead) {
    if (because.includes("preferences")) terminal.print(`  Also asked: ${shortPath(file)}`);
  }
  return 0;
}
