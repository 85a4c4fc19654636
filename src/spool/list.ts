import { lstatSync } from "node:fs";
import path from "node:path";
import { namesIn } from "../support/files.ts";
import { abandonedAfterMs, batchMaxAgeMs, claimDeadAfterMs } from "../support/limits.ts";
import { parseName, type SpoolName } from "./names.ts";

export interface Entry extends SpoolName {
  file: string;
  bytes: number;
  /** Milliseconds since 1970. */
  changedAt: number;
}

/** What of ours lies in the spool, oldest first. Files of others are passed over. */
export function listSpool(spool: string): Entry[] {
  return namesIn(spool)
    .map((name) => entryOf(spool, name))
    .filter((entry) => entry !== undefined)
    .sort((a, b) => a.changedAt - b.changedAt);
}

/** Batches that are to be sent, whoever has them at this moment. */
export function countWaiting(spool: string): number {
  return listSpool(spool).filter(({ kind }) => kind !== "draft").length;
}

function entryOf(spool: string, name: string): Entry | undefined {
  const parsed = parseName(name);
  if (!parsed) return undefined;
  const file = path.join(spool, name);
  try {
    // A folder, a link or a pipe of such a name is somebody else's.
    const found = lstatSync(file);
    if (!found.isFile()) return undefined;
    return { ...parsed, file, bytes: found.size, changedAt: found.mtimeMs };
  } catch {
    return undefined; // Moved on since it was listed.
  }
}

/** Its build's exit hook never ran, or its writer is gone. */
export function isAbandoned({ changedAt }: Pick<Entry, "changedAt">, now: number): boolean {
  return isPast(changedAt, abandonedAfterMs, now);
}

export function isTooOld(entry: Entry, now: number): boolean {
  return now - entry.changedAt > batchMaxAgeMs;
}

/** Dead 15 s after its time stamp, whatever became of its owner. */
export function isDeadClaim(claimedAt: number, now: number): boolean {
  return isPast(claimedAt, claimDeadAfterMs, now);
}

/** A time further ahead than the limit comes from a clock that was set back, and counts as past. */
function isPast(since: number, limit: number, now: number): boolean {
  return Math.abs(now - since) > limit;
}
