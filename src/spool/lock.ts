import { statSync } from "node:fs";
import { createFile, moveIfThere, readJson, removeIfThere, replaceFile } from "../support/files.ts";
import { lockWithoutPidMs, senderAcceptsMs, senderLifeMs } from "../support/limits.ts";

/**
 * The lock: one sender for many builds. The build that starts a sender creates it and hands it
 * over, since builds that end together would otherwise each start one before the first is up.
 * It is a hint that saves processes, never a guard: if two senders run, claims keep them apart.
 */
interface Lock {
  /** Tells this lock from one that replaced it. */
  token: string;
  /** When it was created, then when its sender started: milliseconds since 1970. */
  since: number;
  /** The sender's, once it runs. */
  pid?: number;
  /** Until when its sender looks for new batches. */
  acceptsUntil: number;
}

/** The token if this process now holds it; undefined if a sender is there to be trusted. */
export function takeLock(file: string, now: number): string | undefined {
  const token = Math.random().toString(36).slice(2);
  const lock: Lock = { token, since: now, acceptsUntil: now + lockWithoutPidMs };
  if (create(file, lock)) return token;
  if (isTrusted(file, now)) return undefined;
  const aside = `${file}.${token}.stale`;
  moveIfThere(file, aside);
  removeIfThere(aside);
  return create(file, lock) ? token : undefined;
}

/** The sender's first act. False if the lock is another's by now: it then works without one. */
export function confirmLock(file: string, token: string, pid: number, now: number): boolean {
  if (readLock(file)?.token !== token) return false;
  const lock: Lock = { token, since: now, pid, acceptsUntil: now + senderAcceptsMs };
  try {
    replaceFile(file, JSON.stringify(lock));
    return true;
  } catch {
    return false;
  }
}

/** The sender's, by the end of its time. After this, builds start the next one. */
export function dropLock(file: string, token: string): void {
  if (readLock(file)?.token === token) removeIfThere(file);
}

/** Is there a sender that will still look at the spool? */
export function isTrusted(file: string, now: number): boolean {
  const lock = readLock(file);
  if (lock) return now >= lock.since && now - lock.since <= senderLifeMs && now < lock.acceptsUntil;
  try {
    // Created, but not yet written by a build that is starting a sender.
    const found = statSync(file, { throwIfNoEntry: false });
    return found !== undefined && Math.abs(now - found.mtimeMs) < lockWithoutPidMs;
  } catch {
    return false;
  }
}

function create(file: string, lock: Lock): boolean {
  return createFile(file, JSON.stringify(lock));
}

function readLock(file: string): Lock | undefined {
  const lock = readJson<Lock>(file) ?? {};
  return typeof lock.token === "string" &&
    typeof lock.since === "number" &&
    typeof lock.acceptsUntil === "number"
    ? (lock as Lock)
    : undefined;
}
