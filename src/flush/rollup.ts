import { cutVersion } from "../events/accept.ts";
import { rollupEventName } from "../events/rollup-event.ts";
import type { SenderTask } from "../spool/index.ts";
import {
  type DayCount,
  type RolledDay,
  removeDay,
  replaceOpenBatch,
  settleBatch,
  takeCompletedDays,
  type WireEvent,
} from "../spool/index.ts";
import { newUuid, uuidOf } from "../support/ids.ts";

/**
 * Turns the counts of completed days into batches, one a day. A sender killed in here leaves the
 * day's file, whose name has the batch's id, or the batch: nothing is lost, and nothing is sent
 * before the file is gone. @throws where the disk takes none.
 */
export function rollUp({ subject, rollup, countNames }: SenderTask, now: number): void {
  if (!rollup) return;
  const { rollups, spool } = subject.places;
  for (const day of takeCompletedDays(rollups, now, newUuid)) {
    if (day.counts.length > 0) {
      const events = eventsOf({ ...day, counts: listed(day.counts, countNames) }, rollup.version);
      const content = { ...rollup.content, events };
      replaceOpenBatch(spool, { ...rollup, batchId: day.batchId, content });
    }
    removeDay(day);
    settleBatch(spool, day.batchId);
  }
}

/** What a version with other names has counted is, for this one's definitions, `other`. */
function listed(counts: DayCount[], names: readonly string[] | undefined): DayCount[] {
  if (names === undefined) return counts;
  const known = counts.filter(({ name }) => names.includes(name));
  const others = counts.filter(({ name }) => !names.includes(name));
  if (others.length === 0) return known;
  const sum = (key: "count" | "errors") => others.reduce((total, day) => total + day[key], 0);
  return [...known, { name: "other", count: sum("count"), errors: sum("errors") }];
}

/** Ids follow from the batch's, so that the same day made twice is counted once. */
function eventsOf({ batchId, day, counts }: RolledDay, version: string): WireEvent[] {
  return counts.map(({ name, count, errors }) => ({
    id: uuidOf(`${batchId}.${name}`),
    eventName: rollupEventName,
    timestamp: day,
    fields: { name, count, errors, productVersion: cutVersion(version) },
  }));
}
