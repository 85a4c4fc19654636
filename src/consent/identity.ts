import { sha256 } from "../support/sha256.ts";
import type { Preferences, Reading } from "./preferences.ts";

/** The id and salt of an installation, from the first place that has them, and since when. */
export type Identity = Pick<Preferences, "anonymousId" | "salt" | "notifiedAt">;

export function identityOf(readings: readonly Reading[]): Identity {
  const all = readings.map((reading) => (reading.is === "read" ? reading.preferences : {}));
  return all.find(({ anonymousId }) => anonymousId) ?? {};
}

/**
 * Id and salt as they are now. Builds never rewrite preferences, so those of later periods are
 * derived from the first ones. Both, since the same project hash under two ids would tell that they
 * are one machine's; and by the salt, which never leaves, since the first id did.
 */
export function renewed(first: Identity, rotateDays: number, now: number): Identity {
  return inPeriod(first, periodAt(first, rotateDays, now));
}

/** Every id under which something may have been sent so far, the first one first. */
export function everyId(first: Identity, rotateDays: number, now: number): string[] {
  const periods = Math.max(0, periodAt(first, rotateDays, now));
  const ids = Array.from({ length: periods + 1 }, (_, period) => inPeriod(first, period));
  return [...new Set(ids.flatMap(({ anonymousId }) => anonymousId ?? []))];
}

function periodAt({ notifiedAt }: Identity, rotateDays: number, now: number): number {
  return Math.floor((now - (notifiedAt ?? now)) / (rotateDays * 24 * 60 * 60 * 1000));
}

function inPeriod(first: Identity, period: number): Identity {
  const { anonymousId, salt } = first;
  if (period <= 0 || anonymousId === undefined || salt === undefined) return first;
  return {
    anonymousId: sha256(`${salt} id ${period} ${anonymousId}`),
    salt: sha256(`${salt} salt ${period}`),
  };
}
