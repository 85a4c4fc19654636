import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { KeptAnswer } from "./answers.ts";
import type { Remembered } from "./ready.ts";

/**
 * What a collector that stops leaves to the next one on the same file: answers that took long, and what
 * was asked. There are no ids in it, and nothing that k folds. The next one takes it, and deletes it
 * before it opens the database, so that no erasure finds it there.
 */
export interface Left {
  kept: KeptAnswer[];
  asked: Remembered[];
}

/** What both must have in common, beside the database: settings that change answers. */
export type Likeness = Record<string, unknown>;

/** @throws Error where it can't be written. */
export function leave(database: string, likeness: Likeness, left: Left): void {
  const draft = `${fileOf(database)}.new`;
  const text = JSON.stringify({ like: likenessOf(database, likeness), ...left });
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, fileOf(database));
}

/** Nothing where there is none, or it is of other settings or another state of the database. */
export function takeLeft(database: string, likeness: Likeness): Left {
  const none = { kept: [], asked: [] };
  try {
    const text = readFileSync(fileOf(database), "utf8");
    rmSync(fileOf(database));
    const { like, kept, asked } = JSON.parse(text);
    return like === likenessOf(database, likeness) ? { kept, asked } : none;
  } catch {
    return none;
  }
}

const fileOf = (database: string) => `${database}.answers`;

/** A database that was exchanged, or written by another, is another. */
function likenessOf(database: string, likeness: Likeness): string {
  const { size, mtimeMs } = statSync(database);
  return JSON.stringify({ ...likeness, size, mtimeMs });
}
