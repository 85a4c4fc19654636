import {
  type AddedField,
  carriedOver,
  createPreferences,
  firstNotice,
  grownNotice,
  lineNotice,
  type NoticeFacts,
  type NoticeRecord,
  type Reading,
  readNotices,
  wordedNotice,
} from "../consent/index.ts";
import { collectedFields } from "../events/fingerprint.ts";
import { makeFolder, replaceFile } from "../support/files.ts";
import type { Places } from "../support/paths.ts";
import { destination } from "../support/sinks.ts";
import { onceARun } from "./once-a-run.ts";
import type { ResolvedOptions } from "./options.ts";
import { passOn, type Session } from "./session.ts";
import { show } from "./show.ts";

/**
 * Seen before sent: shows the notice where it is due, and creates the preferences with it. The
 * notice comes first: if it can't be written, nobody saw it, nothing is created and nothing
 * recorded.
 */
export interface Introduction {
  options: ResolvedOptions;
  places: Places;
  session: Session;
  now: number;
}

/**
 * One line a run, for places that may be thrown away. Of several processes that flush at once only
 * the disk tells which one says it.
 */
export function introduceEphemeral({ options, places, session }: Introduction): void {
  if (session.noticed) return;
  onceARun(places.noticedRun, session.id, () => show(lineNotice(noticeFacts(options, false))));
  session.noticed = true;
  passOn(options.sessionVariable, session);
}

/**
 * For a machine that persists. Returns since when a notice holds this run's events back, if it
 * does. @throws where the notice can't be shown, or the home can't be written.
 */
export function introduceMachine(
  introduction: Introduction,
  readings: readonly Reading[],
): number | undefined {
  const { options, places, session, now } = introduction;
  const [own, ...others] = readings;
  const told = readNotices(places.notices);
  const collected = collectedFields(options.definitions);
  const added = told ? collected.filter((field) => !told.fields.includes(field)) : collected;
  let shownAt = told?.shownAt;
  if (added.length > 0 || own?.is === "absent") {
    const isGrown = told !== undefined && added.length > 0;
    const text = noticeText(options, isGrown ? added : []);
    show(text);
    shownAt = now;
    if (own?.is === "absent") {
      const identity = options.identity === "none" ? {} : carriedOver(others);
      createPreferences(places.preferences, { notifiedAt: now, ...identity });
    }
    const fields = [...new Set([...(told?.fields ?? []), ...collected])];
    noteTold(places, { shownAt, fields, text });
  }
  const isHeld =
    options.firstRun === "hold" && shownAt !== undefined && session.startedAt <= shownAt;
  return isHeld ? shownAt : undefined;
}

/** From now on these fields count as told. */
export function noteTold(places: Places, record: NoticeRecord): void {
  makeFolder(places.state);
  replaceFile(places.notices, JSON.stringify(record));
}

/** The whole notice; where `added` names fields, the one about those. */
export function noticeText(options: ResolvedOptions, added: readonly string[]): string {
  const facts = noticeFacts(options, options.firstRun === "hold");
  const described = describe(options, added);
  const worded = options.notice && wordedNotice(options.notice, facts, described);
  return worded ?? (added.length > 0 ? grownNotice(facts, described) : firstNotice(facts));
}

function noticeFacts(options: ResolvedOptions, hold: boolean): NoticeFacts {
  return {
    name: options.name,
    destinations: options.sinks.map(destination),
    policyUrl: options.policyUrl,
    publisher: options.publisher,
    offVariable: options.offVariables[0] as string,
    hold,
  };
}

function describe({ definitions }: ResolvedOptions, paths: readonly string[]): AddedField[] {
  return paths.map((path) => {
    const dot = path.indexOf(".");
    const field = definitions.events[path.slice(0, dot)]?.fields[path.slice(dot + 1)];
    return { path, description: field?.description ?? "" };
  });
}
