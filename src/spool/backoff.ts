import path from "node:path";
import { makeFolder, readJson, removeIfThere, replaceFile } from "../support/files.ts";
import { backoffBaseMs, backoffMaxMs } from "../support/limits.ts";

/**
 * Back-off, per sink: written before an attempt and cleared by success, so that a sender that is
 * killed in the middle has counted as a failure. While it lasts, builds start no sender.
 */
interface Backoff {
  /** Attempts in a row without success. */
  failures: number;
  /** Milliseconds since 1970. */
  until: number;
}

/** Until when this sink is to be left alone, if it is. */
export function backoffUntil(folder: string, sink: string, now: number): number | undefined {
  const until = read(folder, sink)?.until;
  // Further off than the longest back-off there is: the clock has moved, and it is void.
  return until !== undefined && until > now && until - now <= backoffMaxMs ? until : undefined;
}

/** To be called before an attempt. @throws where it can't be written. */
export function beginAttempt(
  folder: string,
  sink: string,
  now: number,
  random = Math.random,
): void {
  const failures = (read(folder, sink)?.failures ?? 0) + 1;
  write(folder, sink, { failures, until: now + backoffMs(failures, random) });
}

/** Full jitter: anything from now to a limit that doubles from a minute to a day. */
export function backoffMs(failures: number, random: () => number): number {
  const limit = Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(failures - 1, 20));
  return Math.round(random() * limit);
}

/** The sink asked for a pause of its own (`Retry-After`). */
export function extendBackoff(folder: string, sink: string, now: number, pauseMs: number): void {
  const failures = read(folder, sink)?.failures ?? 1;
  write(folder, sink, { failures, until: now + Math.min(pauseMs, backoffMaxMs) });
}

export function clearBackoff(folder: string, sink: string): void {
  removeIfThere(fileOf(folder, sink));
}

function read(folder: string, sink: string): Backoff | undefined {
  const { failures, until } = readJson<Backoff>(fileOf(folder, sink)) ?? {};
  if (typeof failures !== "number" || typeof until !== "number") return undefined;
  return { failures, until };
}

function write(folder: string, sink: string, backoff: Backoff): void {
  makeFolder(folder);
  replaceFile(fileOf(folder, sink), JSON.stringify(backoff));
}

function fileOf(folder: string, sink: string): string {
  return path.join(folder, `${sink}.json`);
}
