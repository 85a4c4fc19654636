import { readFileSync } from "node:fs";
import path from "node:path";
import { namesIn } from "../support/files.ts";
import type { ReceivedEvent } from "./received-event.ts";

/** One file of a spool. */
export interface SpooledFile {
  /** Its name, which says how far it has come: `<batchId>_open.json`, `<batchId>_events.json`, … */
  file: string;
  /** Undefined where the file is torn. */
  batch: SpooledBatch | undefined;
}

export interface SpooledBatch {
  /** Until a sender has sealed it. */
  content?: { context: Record<string, unknown>; events: ReceivedEvent[] };
  [key: string]: unknown;
}

/** The batches in a spool, by name; none where there is no such folder. Drafts are left out. */
export function readSpool(folder: string): SpooledFile[] {
  return namesIn(folder)
    .filter((file) => file.includes(".json") && !file.endsWith(".tmp"))
    .sort()
    .flatMap((file) => {
      const text = readText(path.join(folder, file));
      return text === undefined ? [] : [{ file, batch: parsed(text) }];
    });
}

/** Undefined for a file that a sender took away in this moment. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function parsed(text: string): SpooledBatch | undefined {
  try {
    return JSON.parse(text) as SpooledBatch;
  } catch {
    return undefined;
  }
}
