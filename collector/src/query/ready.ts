import { setTimeout as pause } from "node:timers/promises";
import { addDays, dayOf, daysBetween } from "./days.ts";

/**
 * What people look at, ready before they come: questions that took long are asked again, one at a time,
 * with pauses, so that those who send feel nothing of it. Only what somebody has asked within the last
 * days, and by the days as they are: "the last 30" are others tomorrow.
 */
export interface Ready {
  /** @param path below `/api/v1`: `/query?from=…`. @param tookMs until it was answered. */
  saw(path: string, tookMs: number): void;
  /** Asks one that is due. @returns milliseconds until the next may be asked. */
  turn(signal?: AbortSignal): Promise<number>;
  /** Turn after turn, while it may. @returns what ends it, also one under way. */
  run(may: () => boolean): () => Promise<void>;
  /** None is ready any more. */
  forget(): void;
  /** What has been asked, for a later `createReady`. */
  asked(): Remembered[];
}

export interface Remembered {
  /** With days as they were on that day. */
  path: string;
  day: string;
  /** Milliseconds since 1970. */
  usedAt: number;
  madeAt: number;
}

export interface ReadySettings {
  /** Asks anew, whatever is kept. */
  renew(path: string, signal?: AbortSignal): Promise<unknown>;
  now(): number;
  /** Milliseconds from which on a question takes long. */
  slowMs?: number;
  remembered?: readonly Remembered[];
}

/** Well before a kept answer lapses, so that there is time for all of them. */
const RENEWED_AFTER_MS = 2.5 * 60_000;
/** Two percent of a processor, at most. */
const PAUSE_PER_MS = 50;
const PAUSE_MS = 1000;
const REMEMBERED_MS = 3 * 86_400_000;
const MOST_REMEMBERED = 40;
export const SLOW_MS = 200;

export function createReady({
  renew,
  now,
  slowMs = SLOW_MS,
  remembered = [],
}: ReadySettings): Ready {
  /** By the path with its days counted from today. The last used is the last. */
  const known = new Map<string, Remembered>();
  for (const each of remembered) {
    known.set(relative(each.path, each.day), each);
  }

  function saw(path: string, tookMs: number): void {
    const day = dayOf(now());
    const key = relative(path, day);
    const before = known.get(key);
    if (!before && tookMs < slowMs) {
      return;
    }
    known.delete(key);
    const madeAt = before?.day === day ? before.madeAt : now();
    // Of the same days, without its tag.
    known.set(key, { path: shifted(path, 0), day, usedAt: now(), madeAt });
    const [oldest] = known.keys();
    if (known.size > MOST_REMEMBERED && oldest !== undefined) {
      known.delete(oldest);
    }
  }

  async function turn(signal?: AbortSignal): Promise<number> {
    const day = dayOf(now());
    const [key, due] = next(day);
    if (!due || key === undefined) {
      return PAUSE_MS;
    }
    const path = shifted(due.path, daysBetween(due.day, day) - 1);
    // Also where it fails: it has had its turn.
    const made = { ...due, path, day, madeAt: now() };
    known.set(key, made);
    const since = performance.now();
    try {
      await renew(path, signal);
    } catch {
      // Whoever asks is told.
    }
    // Quick where nothing has come since: what has may come later.
    return Math.max(PAUSE_MS, PAUSE_PER_MS * (performance.now() - since));
  }

  function next(day: string): [key?: string, due?: Remembered] {
    let found: [key?: string, due?: Remembered] = [];
    for (const [key, each] of known) {
      if (now() - each.usedAt > REMEMBERED_MS) {
        known.delete(key);
        continue;
      }
      const isDue = each.day !== day || now() - each.madeAt > RENEWED_AFTER_MS;
      if (isDue && each.madeAt < (found[1]?.madeAt ?? Number.POSITIVE_INFINITY)) {
        found = [key, each];
      }
    }
    return found;
  }

  function forget(): void {
    for (const [key, each] of known) {
      known.set(key, { ...each, madeAt: 0 });
    }
  }

  function run(may: () => boolean): () => Promise<void> {
    const over = new AbortController();
    const { signal } = over;
    const turns = async () => {
      for (let pauseMs = PAUSE_MS; ; pauseMs = may() ? await turn(signal) : PAUSE_MS) {
        await pause(pauseMs, undefined, { signal, ref: false });
      }
    };
    const ended = turns().catch(() => {});
    return () => {
      over.abort();
      return ended;
    };
  }

  return { saw, turn, run, forget, asked: () => [...known.values()] };
}

/** The same for the same question of another day. */
function relative(path: string, day: string): string {
  return changed(path, (date) => String(daysBetween(day, date)));
}

function shifted(path: string, days: number): string {
  return changed(path, (date) => addDays(date, days));
}

function changed(path: string, change: (date: string) => string): string {
  const { pathname, searchParams } = new URL(path, "http://localhost");
  searchParams.delete("tag");
  for (const name of ["from", "to"]) {
    const date = searchParams.get(name);
    if (date !== null) {
      searchParams.set(name, change(date));
    }
  }
  return `${pathname}?${searchParams}`;
}
