import { removeIfThere } from "../support/files.ts";
import { spoolMaxBatches, spoolMaxBytes } from "../support/limits.ts";
import { type Entry, isAbandoned, isDeadClaim, isTooOld, listSpool } from "./list.ts";

/**
 * Keeps the spool within its limits, oldest first. Called by senders, by one write in 64, and by
 * builds that start no sender, so that a spool that nobody may send stays bounded too.
 */
export function trimSpool(spool: string, now: number): void {
  for (const entry of surplus(listSpool(spool), now)) removeIfThere(entry.file);
}

/** Pure: which of these, listed oldest first, have to go? A claim at work is left to its sender. */
export function surplus(entries: readonly Entry[], now: number): Entry[] {
  const going: Entry[] = [];
  let batches = 0;
  let bytes = 0;
  for (const entry of entries.toReversed()) {
    if (entry.kind === "draft") {
      if (isAbandoned(entry, now)) going.push(entry);
      continue;
    }
    batches += 1;
    bytes += entry.bytes;
    const atWork = entry.kind === "claimed" && !isDeadClaim(entry.claimedAt ?? 0, now);
    const over = batches > spoolMaxBatches || bytes > spoolMaxBytes || isTooOld(entry, now);
    if (over && !atWork) going.push(entry);
  }
  return going;
}
