import { lstatSync } from "node:fs";
import path from "node:path";
import { namesIn, removeIfThere } from "../support/files.ts";
import type { Places } from "../support/paths.ts";
import { isAbandoned } from "./list.ts";

/**
 * What a process that was killed has left beside the spool: a file that it was about to put in the
 * place of another, or a stale lock that it was about to remove. In the spool, `trimSpool` knows them.
 */
const leftOver = /\.(\d+\.[a-z0-9]+\.tmp|[a-z0-9]+\.stale)$/;

/** Called by senders, at their end. */
export function sweepDrafts(places: Places, now: number): void {
  for (const file of listDrafts(places)) {
    try {
      if (isAbandoned({ changedAt: lstatSync(file).mtimeMs }, now)) removeIfThere(file);
    } catch {
      // Its writer was alive, and done by now.
    }
  }
}

/** Of a file that is being deleted, however old. */
export function eraseDrafts(places: Places, of: string): void {
  for (const file of listDrafts(places)) if (file.startsWith(`${of}.`)) removeIfThere(file);
}

function listDrafts({ state, backoff, erasures, preferences }: Places): string[] {
  const ours = [state, backoff, erasures].flatMap(filesIn);
  // In that folder a product may keep files of its own.
  const beside = filesIn(path.dirname(preferences)).filter((file) =>
    file.startsWith(`${preferences}.`),
  );
  return [...ours, ...beside].filter((file) => leftOver.test(file));
}

function filesIn(folder: string): string[] {
  return namesIn(folder).map((name) => path.join(folder, name));
}
