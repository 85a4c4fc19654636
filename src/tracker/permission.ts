import { readAllPreferences } from "../consent/look.ts";
import { type Context, machineContext, nobody } from "./context.ts";
import { consentNow, type Ground, isPassing } from "./ground.ts";
import { introduceEphemeral, introduceMachine } from "./introduce.ts";
import { later } from "./later.ts";

/** What a flush may do with its events. */
export type Permission =
  | { state: "off" }
  | { state: "local"; context: Context }
  /** Dry: to be shown only, and so without a notice or an id made for it. */
  | {
      state: "on" | "dry";
      context: Context;
      heldSince: number | undefined;
      isEphemeral: boolean;
    };

/**
 * Asks for consent, shows the notice where it is due, and says under which ids to record. Asked at
 * every flush, so that a `disable` between a build's start and its end holds.
 * @throws where the notice can't be shown, or the home can't be written: nothing is recorded then.
 */
export function askPermission(ground: Ground, enabledByProduct: boolean): Permission {
  const { debug, options, session, subject } = ground;
  const consent = consentNow(ground, enabledByProduct);
  const { decision, preferences: before } = consent;
  debug.say(`${decision.state}: ${decision.because}`);
  if (decision.state === "off") return { state: "off" };

  if (debug.mode === "dry") {
    const context = machineContext(ground, before, Date.now());
    return { state: "dry", context, heldSince: undefined, isEphemeral: false };
  }
  // Nothing of what local mode keeps is ever sent: there is nothing to give notice of.
  if (decision.state === "local") {
    return { state: "local", context: machineContext(ground, before, Date.now()) };
  }
  const hasPreferences = before[0]?.is === "read";
  const now = Date.now();
  if (isPassing(ground, hasPreferences)) {
    introduceEphemeral({ options, places: subject.places, session, now });
    const context = ephemeralContext(ground);
    return { state: "on", context, heldSince: undefined, isEphemeral: true };
  }
  const heldSince = introduceMachine({ options, places: subject.places, session, now }, before);
  // Where they were just made, another run's may have been first, and may say no.
  const after = hasPreferences ? consent : consentNow(ground, enabledByProduct);
  if (after.decision.state !== "on") return { state: "off" };
  const context = machineContext(ground, after.preferences, now);
  return { state: "on", context, heldSince, isEphemeral: false };
}

/**
 * Asked after each write: has somebody turned it off meanwhile? Their command may have deleted what
 * waits before this was there, so it is deleted again.
 */
export function isUndone({ subject }: Ground): boolean {
  const readings = readAllPreferences(subject);
  const isOff = readings.some((r) => r.is === "read" && r.preferences.enabled === false);
  if (isOff) later().eraseWaiting(subject.places);
  return isOff;
}

/** No id, salt or project hash: neither images nor caches carry one away. */
function ephemeralContext({ facts, options, session }: Ground): Context {
  if (options.identity === "none") return nobody;
  const { ciVendor } = facts();
  const anonymousId = ciVendor === null ? "container" : `ci.${ciVendor}`;
  return { anonymousId, projectHash: null, sessionId: session.id };
}
