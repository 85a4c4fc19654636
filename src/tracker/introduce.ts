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
  const added = told ? addedSince(told, options) : [];
  let shownAt = told?.shownAt;
  if (!told || added.length > 0 || own?.is === "absent") {
    const text = noticeText(options, added);
    show(text);
    shownAt = now;
    if (own?.is === "absent") {
      const identity = options.identity === "none" ? {} : carriedOver(others);
      createPreferences(places.preferences, { notifiedAt: now, ...identity });
    }
    noteTold(options, places, { shownAt, text });
  }
  const isHeld =
    options.firstRun === "hold" && shownAt !== undefined && session.startedAt <= shownAt;
  return isHeld ? shownAt : undefined;
}

/** From now on all that is collected counts as told, as does what was before. */
export function noteTold(
  options: ResolvedOptions,
  places: Places,
  shown: { shownAt: number; text: string },
): void {
  const before = readNotices(places.notices);
  const fields = union(before?.fields, collectedFields(options.definitions));
  const terms = union(before?.terms, [...termsOf(options).keys()]);
  const record: NoticeRecord = { ...shown, fields, terms };
  makeFolder(places.state);
  replaceFile(places.notices, JSON.stringify(record));
}

function union(before: readonly string[] = [], now: readonly string[]): string[] {
  return [...new Set([...before, ...now])];
}

function addedSince(told: NoticeRecord, options: ResolvedOptions): string[] {
  const terms = [...termsOf(options).keys()];
  return [
    ...collectedFields(options.definitions).filter((field) => !told.fields.includes(field)),
    ...terms.filter((term) => told.terms?.includes(term) === false),
  ];
}

/** What a product may come to collect under the same fields, or send elsewhere, with what to say. */
function termsOf({ identity, metadata, productSinks }: ResolvedOptions): Map<string, string> {
  const terms = new Map<string, string>();
  if (metadata !== "none") terms.set("metadata", "The kind of machine and runtime.");
  if (metadata === "full") {
    terms.set("full metadata", "The machine's figures as they are, not in coarse steps.");
  }
  if (identity !== "none") terms.set("anonymousId", "A random id of this installation.");
  for (const sink of productSinks) terms.set(`to ${destination(sink)}`, "Where it goes.");
  return terms;
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

function describe(options: ResolvedOptions, paths: readonly string[]): AddedField[] {
  const terms = termsOf(options);
  return paths.map((path) => {
    const dot = path.indexOf(".");
    const event = options.definitions.events[path.slice(0, dot)];
    const description = terms.get(path) ?? event?.fields[path.slice(dot + 1)]?.description;
    return { path, description: description ?? "" };
  });
}
