import { rollupEventName } from "../events/rollup-event.ts";
import type { SenderTask } from "../spool/index.ts";
import {
  type Batch,
  type RolledDay,
  removeDay,
  settleBatch,
  takeCompletedDays,
  type WireEvent,
  writeOpenBatch,
} from "../spool/index.ts";
import { newUuid } from "../support/ids.ts";

/** Turns the counts of completed days into batches, one a day. @throws where the disk takes none. */
export function rollUp({ subject, rollup }: SenderTask, now: number): void {
  if (!rollup) return;
  for (const day of takeCompletedDays(subject.places.rollups, now, newUuid)) {
    if (day.counts.length > 0) {
      const content = { ...rollup.content, events: eventsOf(day, rollup.version) };
      writeOnce(subject.places.spool, { ...rollup, batchId: day.batchId, content });
    }
    removeDay(day);
  }
}

/** Ids follow from the batch's, so that the same day made twice is counted once. */
function eventsOf({ batchId, day, counts }: RolledDay, version: string): WireEvent[] {
  return counts.map(({ name, count, errors }) => ({
    id: `${batchId}.${name}`,
    eventName: rollupEventName,
    timestamp: day,
    fields: { name, count, errors, productVersion: version },
  }));
}

function writeOnce(spool: string, batch: Batch): void {
  try {
    writeOpenBatch(spool, batch);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  settleBatch(spool, batch.batchId);
}
