import { backoffUntil, listErasures, listSpool, readBatch, readSent } from "../spool/index.ts";
import { type SinkOptions, sinkKey, sinkProblem } from "../support/sinks.ts";
import type { Access } from "./access.ts";

/**
 * Where events of this product go, or went: what the product says, what waiting batches are meant
 * for, and who has taken what is still kept. By name alone the last two are all that is known.
 */
export function knownSinks(access: Access): SinkOptions[] {
  const { options, places } = access;
  const waiting = waitingSinks(access);
  const taken = readSent(places.sent).map(({ to }) => to);
  const asked = listErasures(places.erasures, Date.now()).map(({ sink }) => sink);
  const all = [...(options?.sinks ?? []), ...waiting, ...taken, ...asked];
  const valid = all.filter((sink) => sinkProblem(sink) === undefined);
  return [...new Map(valid.map((sink) => [sinkKey(sink), sink])).values()];
}

/** What waiting batches are meant for; a product's endpoint may be another by now. */
function waitingSinks({ places }: Access): SinkOptions[] {
  return listSpool(places.spool).flatMap(({ file }) => {
    const parsed = readBatch(file);
    return parsed.is === "batch" ? parsed.batch.sinks : [];
  });
}

/** Milliseconds since 1970: when the next attempt is made, if every sink of what waits is left alone till then. */
export function pausedUntil(access: Access): number | undefined {
  const { places } = access;
  const now = Date.now();
  const pauses = waitingSinks(access).map(
    (sink) => backoffUntil(places.backoff, sinkKey(sink), now) ?? Number.NaN,
  );
  // No number where one of them may be tried; without any end where nothing waits.
  const until = Math.min(...pauses);
  return Number.isFinite(until) ? until : undefined;
}
