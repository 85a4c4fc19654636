import {
  holdsBack,
  lineNotice,
  type NoticeFacts,
  type NoticeRecord,
  readNotices,
} from "../consent/notice.ts";
import type { Reading } from "../consent/preferences.ts";
import { collectedFields } from "../events/fingerprint.ts";
import type { Places } from "../support/paths.ts";
import { destination } from "../support/sinks.ts";
import { later } from "./later.ts";
import { onceARun } from "./once-a-run.ts";
import type { ResolvedOptions } from "./options.ts";
import { passOn, type Session } from "./session.ts";
import { show } from "./show.ts";

/**
 * Seen before sent: shows the notice where it is due, and creates the preferences with it. If it
 * can't be written, nobody saw it; if they can't, it isn't shown. Nothing is recorded then.
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
  const [own] = readings;
  const told = readNotices(places.notices);
  const added = told ? addedSince(told, options) : [];
  const isDue = !told || added.length > 0 || own?.is === "absent";
  if (isDue) later().tell(introduction, readings, added);
  const shownAt = isDue ? now : told.shownAt;
  const isHeld = options.firstRun === "hold" && holdsBack(shownAt, session.startedAt, now);
  return isHeld ? shownAt : undefined;
}

function addedSince(told: NoticeRecord, options: ResolvedOptions): string[] {
  const terms = [...termsOf(options).keys()];
  return [
    ...collectedFields(options.definitions).filter((field) => !told.fields.includes(field)),
    ...terms.filter((term) => told.terms?.includes(term) === false),
  ];
}

/** What a product may come to collect under the same fields, or send elsewhere, with what to say. */
export function termsOf({
  identity,
  metadata,
  productSinks,
}: ResolvedOptions): Map<string, string> {
  const terms = new Map<string, string>();
  if (metadata !== "none") terms.set("metadata", "The kind of machine and runtime.");
  if (metadata === "full") {
    terms.set("full metadata", "The machine's figures as they are, not in coarse steps.");
  }
  if (identity !== "none") terms.set("anonymousId", "A random id of this installation.");
  for (const sink of productSinks) terms.set(`to ${destination(sink)}`, "Where it goes.");
  return terms;
}

export function noticeFacts(options: ResolvedOptions, hold: boolean): NoticeFacts {
  return {
    name: options.name,
    destinations: options.sinks.map(destination),
    policyUrl: options.policyUrl,
    publisher: options.publisher,
    offVariable: options.offVariables[0] as string,
    hold,
  };
}
