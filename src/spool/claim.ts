import { existsSync, readFileSync, statSync, utimesSync } from "node:fs";
import { moveIfThere, removeIfThere, replaceFile } from "../support/files.ts";
import {
  type Batch,
  isSealed,
  type Parsed,
  parseBatch,
  type Request,
  type SealedBatch,
} from "./batch.ts";
import { type Entry, isAbandoned, isDeadClaim, listSpool } from "./list.ts";
import { claimFile, eventsFile } from "./names.ts";

/**
 * The sender's half. A claim is a rename to a name that nobody else has: of two senders one
 * succeeds. A claim is dead 15 s after its time stamp, three seconds longer than any sender
 * lives, and may then be taken over by the same rename; its first owner, waking up, no longer
 * finds it and sends nothing.
 */
export interface Claim {
  file: string;
  claimedAt: number;
  batchId: string;
  batch: Batch | SealedBatch;
}

/** The batches that a sender may claim now, oldest first. */
export function listTakeable(spool: string, now: number): Entry[] {
  return listSpool(spool).filter(
    (entry) =>
      entry.kind === "events" ||
      (entry.kind === "open" && isAbandoned(entry, now)) ||
      (entry.kind === "claimed" && isDeadClaim(entry.claimedAt ?? 0, now)),
  );
}

/** Undefined if another sender was first, or if it can't be read (yet, or by this version). */
export function claimBatch(spool: string, entry: Entry, now: number): Claim | undefined {
  const file = claimFile(spool, entry.batchId, now);
  if (!moveIfThere(entry.file, file)) return undefined;
  const parsed = readBatch(file);
  if (parsed.is === "batch")
    return { file, claimedAt: now, batchId: entry.batchId, batch: parsed.batch };
  // Torn: still being written, or its writer died. Of a newer format, or written by root in a user's
  // folder: not ours to judge.
  if (parsed.is === "torn" && isAbandoned(entry, now)) removeIfThere(file);
  else moveIfThere(file, entry.kind === "claimed" ? eventsFile(spool, entry.batchId) : entry.file);
  return undefined;
}

export function readBatch(file: string): Parsed {
  try {
    return parseBatch(readFileSync(file, "utf8"));
  } catch {
    return { is: "unreadable" };
  }
}

/** To be asked before each request: has nobody taken it over, or deleted it? */
export function stillMine(claim: Claim, now: number): boolean {
  return !isDeadClaim(claim.claimedAt, now) && existsSync(claim.file);
}

/**
 * Writes the final payload before the first attempt, so that every repeat is the same, byte for
 * byte. @throws where the disk takes nothing.
 */
export function sealBatch(claim: Claim, requests: Request[]): SealedBatch {
  if (isSealed(claim.batch)) return claim.batch;
  const { format, product, version, batchId, sinks, heldSince, asks } = claim.batch;
  const held = heldSince === undefined ? {} : { heldSince };
  const sealed: SealedBatch = {
    format,
    sealed: true,
    product,
    version,
    batchId,
    sinks,
    ...held,
    ...(asks && { asks }),
    requests,
    left: {},
  };
  rewrite(claim, sealed);
  return sealed;
}

/** Notes what is left for one sink; an empty list settles it. */
export function noteLeft(claim: Claim, sink: string, left: Request[]): void {
  if (!isSealed(claim.batch)) throw new Error("only a sealed batch is settled");
  rewrite(claim, { ...claim.batch, left: { ...claim.batch.left, [sink]: left } });
}

export function leftFor(batch: SealedBatch, sink: string): Request[] {
  return batch.left[sink] ?? batch.requests;
}

/** Keeps the time of writing, by which a batch grows old. */
function rewrite(claim: Claim, batch: SealedBatch): void {
  const { atime, mtime } = statSync(claim.file);
  replaceFile(claim.file, JSON.stringify(batch));
  utimesSync(claim.file, atime, mtime);
  claim.batch = batch;
}

/** Lets the next sender have it. */
export function releaseClaim(spool: string, claim: Claim): void {
  moveIfThere(claim.file, eventsFile(spool, claim.batchId));
}

/** Delivered, or never to be: gone. */
export function removeClaim(claim: Claim): void {
  removeIfThere(claim.file);
}
