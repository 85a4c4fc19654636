import { existsSync, writeFileSync } from "node:fs";
import { fileMode, makeFolder, moveIfThere, removeIfThere, replaceFile } from "../support/files.ts";
import type { Batch } from "./batch.ts";
import { eventsFile, openFile } from "./names.ts";

/**
 * The build's half: a batch is written when the build ends, still open, and settled when the
 * process does. Until then its name keeps senders away, for it may still grow or be taken back.
 */

/** @throws where the spool can't be made or written. */
export function writeOpenBatch(spool: string, batch: Batch): void {
  const file = openFile(spool, batch.batchId);
  makeFolder(spool);
  try {
    writeFileSync(file, JSON.stringify(batch), { mode: fileMode, flag: "wx" });
  } catch (error) {
    // A full disk leaves a part of it; what was there before stays.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") removeIfThere(file);
    throw error;
  }
}

/**
 * Replaces an open batch by one that holds more, or something else. False if it is no longer open:
 * somebody turned telemetry off, or a sender took it for abandoned.
 */
export function rewriteOpenBatch(spool: string, batch: Batch): boolean {
  const file = openFile(spool, batch.batchId);
  if (!existsSync(file)) return false;
  replaceFile(file, JSON.stringify(batch));
  return true;
}

/** In one step, whatever is there or not. @throws where the spool can't be made or written. */
export function replaceOpenBatch(spool: string, batch: Batch): void {
  makeFolder(spool);
  replaceFile(openFile(spool, batch.batchId), JSON.stringify(batch));
}

/** Nothing is left in it. False if it is no longer open. */
export function removeOpenBatch(spool: string, batchId: string): boolean {
  return removeIfThere(openFile(spool, batchId));
}

/** Lets senders have it. False if it is no longer there. */
export function settleBatch(spool: string, batchId: string): boolean {
  return moveIfThere(openFile(spool, batchId), eventsFile(spool, batchId));
}
