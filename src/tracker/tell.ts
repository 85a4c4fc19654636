import { carriedOver, createPreferences } from "../consent/make-preferences.ts";
import { type AddedField, type NoticeRecord, readNotices } from "../consent/notice.ts";
import { firstNotice, grownNotice, wordedNotice } from "../consent/notice-text.ts";
import type { Reading } from "../consent/preferences.ts";
import { collectedFields } from "../events/fingerprint.ts";
import { makeFolder, replaceFile } from "../support/files.ts";
import type { Places } from "../support/paths.ts";
import { type Introduction, noticeFacts, termsOf } from "./introduce.ts";
import type { ResolvedOptions } from "./options.ts";
import { checkReader, show } from "./show.ts";

/**
 * Shows the notice of a machine that persists, and creates the preferences where there are none. On
 * a full disk it would come with each build: what says that it was shown is written first, but for
 * the name under which it counts. @throws where it can't be shown, or the home can't be written.
 */
export function tell(
  { options, places, now }: Introduction,
  [own, ...others]: readonly Reading[],
  added: readonly string[],
): void {
  const text = noticeText(options, added);
  const isAbsent = own?.is === "absent";
  checkReader();
  noteTold(options, places, { shownAt: now, text }, () => {
    if (!isAbsent) return show(text);
    const identity = options.identity === "none" ? {} : carriedOver(others);
    const preferences = { notifiedAt: now, ...identity };
    createPreferences(places.preferences, preferences, () => show(text));
  });
}

/** From now on all that is collected counts as told, as does what was before. */
export function noteTold(
  options: ResolvedOptions,
  places: Places,
  shown: { shownAt: number; text: string },
  first?: () => void,
): void {
  const before = readNotices(places.notices);
  const fields = union(before?.fields, collectedFields(options.definitions));
  const terms = union(before?.terms, [...termsOf(options).keys()]);
  const record: NoticeRecord = { ...shown, fields, terms };
  makeFolder(places.state);
  replaceFile(places.notices, JSON.stringify(record), first);
}

function union(before: readonly string[] = [], now: readonly string[]): string[] {
  return [...new Set([...before, ...now])];
}

/** The whole notice; where `added` names fields, the one about those. */
export function noticeText(options: ResolvedOptions, added: readonly string[]): string {
  const facts = noticeFacts(options, options.firstRun === "hold");
  const described = describe(options, added);
  const worded = options.notice && wordedNotice(options.notice, facts, described);
  return worded ?? (added.length > 0 ? grownNotice(facts, described) : firstNotice(facts));
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
