import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import {
  fileMode,
  makeFolder,
  moveIfThere,
  namesIn,
  readIfThere,
  removeIfThere,
} from "../support/files.ts";
import { batchMaxAgeMs, rollupGraceMs, rollupMaxBytes } from "../support/limits.ts";

/**
 * Counts of a day: one short line appended at each call, so that Ctrl-C, `process.exit()` and many
 * processes at once lose nothing. A sender turns a completed day into events.
 */

/** @throws where the folder can't be made or written. */
export function appendCount(folder: string, name: string, error: boolean, now: number): void {
  makeFolder(folder);
  const fd = openSync(path.join(folder, `${dayOf(now)}.log`), appending, fileMode);
  try {
    if (fstatSync(fd).size < rollupMaxBytes) writeSync(fd, `${name} ${error ? 1 : 0}\n`);
  } finally {
    closeSync(fd);
  }
}

/** Through no link, and without waiting for whoever reads a pipe; Windows knows neither. */
const appending =
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_WRONLY |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);

export interface DayCount {
  name: string;
  count: number;
  errors: number;
}

/** A completed day, taken out of the builds' reach under a name that stays its batch's id. */
export interface RolledDay {
  file: string;
  batchId: string;
  /** The day's start, ISO 8601. */
  day: string;
  counts: DayCount[];
}

/** A day's own, or with the batch's id once a sender has taken it. */
const dayFile = /^(\d{4}-\d\d-\d\d)(?:_([0-9a-f-]{36}))?\.log$/;

/**
 * Completed days. The batch's id is in the file's name, so that a sender killed between writing
 * the batch and removing the file makes the same batch again, which is counted once.
 */
export function takeCompletedDays(folder: string, now: number, newId: () => string): RolledDay[] {
  const today = dayOf(now - rollupGraceMs);
  const taken: RolledDay[] = [];
  for (const { name, day, batchId } of daysIn(folder)) {
    if (day >= today) continue;
    const id = batchId ?? newId();
    const file = path.join(folder, `${day}_${id}.log`);
    if (!batchId && !moveIfThere(path.join(folder, name), file)) continue;
    const counts = countLines(file);
    // Written by root in a user's folder: it stays.
    if (counts) taken.push({ file, batchId: id, day: `${day}T00:00:00.000Z`, counts });
  }
  return taken;
}

/** Every day's counts, completed or not, for somebody who looks; nothing is taken. */
export function readDays(folder: string): Pick<RolledDay, "day" | "counts">[] {
  return daysIn(folder).map(({ name, day }) => ({
    day,
    counts: countLines(path.join(folder, name)) ?? [],
  }));
}

/** Removes the days that are too old to be sent, where no sender takes them. */
export function trimDays(folder: string, now: number): void {
  const oldest = dayOf(now - batchMaxAgeMs);
  for (const { name, day } of daysIn(folder)) {
    if (day < oldest) removeIfThere(path.join(folder, name));
  }
}

/** In their order; of a day that a sender has taken, with its batch's id. */
function daysIn(folder: string): { name: string; day: string; batchId: string | undefined }[] {
  return namesIn(folder)
    .sort()
    .flatMap((name) => {
      const [, day, batchId] = dayFile.exec(name) ?? [];
      return day === undefined ? [] : { name, day, batchId };
    });
}

export function removeDay(day: RolledDay): void {
  removeIfThere(day.file);
}

/** Lines that are torn or foreign are passed over. Undefined where it can't be read. */
function countLines(file: string): DayCount[] | undefined {
  const counts = new Map<string, DayCount>();
  let text: string | undefined;
  try {
    text = readIfThere(file);
  } catch {
    // Not a file of ours, or not for us.
  }
  if (text === undefined) return undefined;
  for (const line of text.split("\n")) {
    const [, name, error] = /^([a-z][A-Za-z0-9]{0,39}) ([01])$/.exec(line) ?? [];
    if (name === undefined) continue;
    const sum = counts.get(name) ?? { name, count: 0, errors: 0 };
    sum.count += 1;
    if (error === "1") sum.errors += 1;
    counts.set(name, sum);
  }
  return [...counts.values()];
}

function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
