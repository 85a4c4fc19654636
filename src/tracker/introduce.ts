import {
  type AddedField,
  createPreferences,
  firstNotice,
  grownNotice,
  lineNotice,
  type NoticeFacts,
  newIdentity,
  type Preferences,
  type Reading,
  readNotices,
} from "../consent/index.ts";
import { collectedFields } from "../events/fingerprint.ts";
import { writeToStderr } from "../support/debug.ts";
import { makeFolder, replaceFile } from "../support/files.ts";
import type { Places } from "../support/paths.ts";
import { destination } from "../support/sinks.ts";
import type { ResolvedOptions } from "./options.ts";
import { passOn, type Session } from "./session.ts";

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

/** One line a run, for places that may be thrown away. Nothing is written to disk. */
export function introduceEphemeral({ options, session }: Introduction): void {
  if (session.noticed) return;
  writeToStderr(lineNotice(noticeFacts(options, false)));
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
    const facts = noticeFacts(options, options.firstRun === "hold");
    const isGrown = told !== undefined && added.length > 0;
    writeToStderr(isGrown ? grownNotice(facts, describe(options, added)) : firstNotice(facts));
    shownAt = now;
    if (own?.is === "absent") {
      createPreferences(places.preferences, { notifiedAt: now, ...carriedOver(others) });
    }
    makeFolder(places.state);
    const fields = [...new Set([...(told?.fields ?? []), ...collected])];
    replaceFile(places.notices, JSON.stringify({ shownAt, fields }));
  }
  const isHeld =
    options.firstRun === "hold" && shownAt !== undefined && session.startedAt <= shownAt;
  return isHeld ? shownAt : undefined;
}

/** Ids that another version of the product has made stay what they are. */
function carriedOver(others: readonly Reading[]): Preferences {
  const found = others.find(
    (r) => r.is === "read" && r.preferences.anonymousId && r.preferences.salt,
  );
  const fresh = newIdentity();
  if (found?.is !== "read") return fresh;
  const { anonymousId = fresh.anonymousId, salt = fresh.salt } = found.preferences;
  return { anonymousId, salt };
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
