import { type Preferences, type Reading, readAllPreferences } from "../consent/index.ts";
import { hasTerminal, isContainer, isEphemeral } from "../metadata/container.ts";
import { hashProject } from "../metadata/project.ts";
import type { BatchContent } from "../spool/index.ts";
import { sha256 } from "../support/sha256.ts";
import { decideNow, type Ground } from "./ground.ts";
import { introduceEphemeral, introduceMachine } from "./introduce.ts";

/** What a flush may do with its events. */
export type Permission =
  | { state: "off" }
  /** On, or local; dry: to be shown only, and so without a notice or an id made for it. */
  | {
      state: "local" | "on" | "dry";
      context: Context;
      heldSince: number | undefined;
      isEphemeral: boolean;
    };

type Context = BatchContent["context"];

/**
 * Asks for consent, shows the notice where it is due, and says under which ids to record. Asked at
 * every flush, so that a `disable` between a build's start and its end holds.
 * @throws where the notice can't be shown, or the home can't be written: nothing is recorded then.
 */
export function askPermission(ground: Ground, enabledByProduct: boolean): Permission {
  const { debug, options, session, subject } = ground;
  const decision = decideNow(ground, enabledByProduct);
  debug.say(`${decision.state}: ${decision.because}`);
  if (decision.state === "off") return { state: "off" };

  const before = readAllPreferences(subject);
  if (debug.mode === "dry") {
    const context = machineContext(ground, before, Date.now());
    return { state: "dry", context, heldSince: undefined, isEphemeral: false };
  }
  const { isCI } = ground.facts();
  const container = !isCI && isContainer();
  const place = {
    isCI,
    isContainer: container,
    hasPreferences: before[0]?.is === "read",
    hasTerminal: container && hasTerminal(),
  };
  const now = Date.now();
  if (isEphemeral(place)) {
    introduceEphemeral({ options, places: subject.places, session, now });
    const context = ephemeralContext(ground);
    return { state: decision.state, context, heldSince: undefined, isEphemeral: true };
  }
  const heldSince = introduceMachine({ options, places: subject.places, session, now }, before);
  // Where they were just made, another run's may have been first, and may say no.
  const after = place.hasPreferences ? before : readAllPreferences(subject);
  if (!place.hasPreferences && decideNow(ground, enabledByProduct).state !== decision.state) {
    return { state: "off" };
  }
  const context = machineContext(ground, after, now);
  return { state: decision.state, context, heldSince, isEphemeral: false };
}

/** No id, salt or project hash: neither images nor caches carry one away. */
function ephemeralContext({ facts, options, session }: Ground): Context {
  const { ciVendor } = facts();
  const place = ciVendor === null ? "container" : `ci.${ciVendor}`;
  return {
    anonymousId: options.identity === "none" ? null : place,
    projectHash: null,
    sessionId: session.id,
  };
}

function machineContext(ground: Ground, readings: readonly Reading[], now: number): Context {
  const { options, session } = ground;
  if (options.identity === "none") {
    return { anonymousId: null, projectHash: null, sessionId: session.id };
  }
  const { anonymousId = null, salt } = inPeriod(identityOf(readings), options.rotateDays, now);
  const projectHash = salt === undefined ? null : hashProject(salt, ground.project().projectId);
  return { anonymousId, projectHash, sessionId: session.id };
}

function identityOf(readings: readonly Reading[]): Preferences {
  const all = readings.map((reading) => (reading.is === "read" ? reading.preferences : {}));
  return all.find(({ anonymousId }) => anonymousId) ?? {};
}

/**
 * Id and salt of this period. Builds never rewrite preferences, so those of later periods are
 * derived from the first ones. Both, since the same project hash under two ids would tell that they
 * are one machine's; and by the salt, which never leaves, since the first id did.
 */
function inPeriod(first: Preferences, rotateDays: number, now: number): Preferences {
  const { anonymousId, salt, notifiedAt = now } = first;
  const period = Math.floor((now - notifiedAt) / (rotateDays * 24 * 60 * 60 * 1000));
  if (period <= 0 || anonymousId === undefined || salt === undefined) return first;
  return {
    anonymousId: sha256(`${salt} id ${period} ${anonymousId}`),
    salt: sha256(`${salt} salt ${period}`),
  };
}
