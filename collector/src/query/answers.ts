import { createQueue } from "./queue.ts";
import { SLOW_MS } from "./ready.ts";

/**
 * Answers that are kept, and questions under way. The same question asked twice runs once; it ends
 * in the engine when nobody waits for it any more. At most two run at a time.
 */
interface Answers {
  /**
   * @param key the whole question.
   * @param freshMs how long an answer is given out unseen, at least: one that took long to make is
   *   kept longer. After that, if its stamp is still the same.
   * @param stampOf what changes with the data behind it.
   */
  get<T>(key: string, asked: Asked<T>): Promise<Kept<T>>;
  /** What was asked before is given to nobody who asks from now on. */
  forget(): void;
  /** Those that took long, as JSON can hold them, for a later `createAnswers`. */
  slow(): KeptAnswer[];
}

export interface Asked<T> {
  freshMs: number;
  stampOf(signal: AbortSignal): Promise<string>;
  work(signal: AbortSignal): Promise<T>;
  signal?: AbortSignal | undefined;
  /** A newer question of the same tag ends this one. */
  tag?: string | undefined;
  /** Whatever is kept, it is asked. */
  isRenewal?: boolean | undefined;
}

export interface Kept<T> {
  value: T;
  /** Milliseconds since 1970. */
  asOf: number;
}

interface Entry extends Kept<unknown> {
  stamp: string;
  checkedAt: number;
  keptMs: number;
  /** To make it, not to see that it is still the same. */
  tookMs: number;
}

export interface KeptAnswer extends Entry {
  key: string;
}

interface AnswersSettings {
  timeLimitMs: number;
  now: () => number;
  /** @default 200 */
  slowMs?: number | undefined;
  /**
   * Milliseconds within which one that took long is given out, lapsed or not, because it is being
   * renewed without being asked for.
   * @default 0
   */
  staleMs?: number | undefined;
  kept?: readonly KeptAnswer[] | undefined;
}

interface Running {
  result: Promise<Kept<unknown>>;
  controller: AbortController;
  waiting: number;
}

const MOST_KEPT = 500;
/** So that a page that is looked at all day takes a thousandth of a processor for a question. */
const KEPT_PER_MS = 1000;
const KEPT_MS_AT_MOST = 5 * 60_000;
const MOST_AT_A_TIME = 2;

/** Answered as 504. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}
/** Answered as 409: a newer question of the same tag came. */
export class SupersededError extends Error {
  override readonly name = "SupersededError";
}

export function createAnswers(settings: AnswersSettings) {
  const { timeLimitMs, now, slowMs = SLOW_MS, staleMs = 0 } = settings;
  const kept = new Map<string, Entry>();
  for (const { key, ...entry } of settings.kept ?? []) {
    kept.set(key, entry);
  }
  const running = new Map<string, Running>();
  const tags = new Map<string, { key: string; controller: AbortController }>();
  const queued = createQueue(MOST_AT_A_TIME);
  let forgotten = 0;

  async function get<T>(key: string, asked: Asked<T>): Promise<Kept<T>> {
    const own = new AbortController();
    const signal = asked.signal ? AbortSignal.any([asked.signal, own.signal]) : own.signal;
    const { tag } = asked;
    if (tag !== undefined) {
      const before = tags.get(tag);
      if (before && before.key !== key) {
        before.controller.abort(new SupersededError(`A newer question of tag=${tag} came.`));
      }
      tags.set(tag, { key, controller: own });
    }
    try {
      return (await joined(key, asked, signal)) as Kept<T>;
    } finally {
      if (tag !== undefined && tags.get(tag)?.controller === own) {
        tags.delete(tag);
      }
    }
  }

  async function joined<T>(
    key: string,
    asked: Asked<T>,
    signal: AbortSignal,
  ): Promise<Kept<unknown>> {
    signal.throwIfAborted();
    const entry = kept.get(key);
    if (entry && !asked.isRenewal && now() - entry.checkedAt < givenOutMs(entry)) {
      return entry;
    }
    let run = running.get(key);
    if (!run) {
      const controller = new AbortController();
      run = { controller, waiting: 0, result: start(key, asked, controller) };
      running.set(key, run);
      const forget = () => running.delete(key);
      run.result.then(forget, forget);
    }
    return waitFor(key, run, signal);
  }

  async function waitFor(key: string, run: Running, signal: AbortSignal): Promise<Kept<unknown>> {
    run.waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason);
        run.waiting -= 1;
        if (run.waiting === 0) {
          // Who asks again meanwhile starts anew.
          running.delete(key);
          run.controller.abort(signal.reason);
        }
      };
      signal.addEventListener("abort", leave, { once: true });
      run.result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }

  async function start<T>(
    key: string,
    { freshMs, stampOf, work }: Asked<T>,
    controller: AbortController,
  ): Promise<Kept<unknown>> {
    const { signal } = controller;
    const before = forgotten;
    return queued(async () => {
      const timer = setTimeout(
        () => controller.abort(new TimeLimitError(tooLong(timeLimitMs))),
        timeLimitMs,
      );
      try {
        const asOf = now();
        const stamp = await stampOf(signal);
        const entry = kept.get(key);
        const same = entry?.stamp === stamp ? entry : undefined;
        const value = same ? same.value : await work(signal);
        const tookMs = Math.max(same?.tookMs ?? 0, now() - asOf);
        const keptMs = Math.max(freshMs, Math.min(KEPT_PER_MS * tookMs, KEPT_MS_AT_MOST));
        const fresh = { value, asOf, stamp, checkedAt: asOf, keptMs, tookMs };
        if (forgotten !== before) {
          return fresh;
        }
        kept.delete(key);
        kept.set(key, fresh);
        for (const oldest of kept.keys()) {
          if (kept.size <= MOST_KEPT) {
            break;
          }
          kept.delete(oldest);
        }
        return fresh;
      } finally {
        clearTimeout(timer);
      }
    }, signal);
  }

  function givenOutMs({ tookMs, keptMs }: Entry): number {
    return tookMs < slowMs ? keptMs : Math.max(keptMs, staleMs);
  }

  function forget(): void {
    forgotten += 1;
    kept.clear();
    running.clear();
  }

  function slow(): KeptAnswer[] {
    const all = [...kept].map(([key, entry]) => ({ key, ...entry }));
    return all.filter(({ tookMs }) => tookMs >= slowMs);
  }

  return { get, forget, slow } satisfies Answers;
}

const tooLong = (ms: number) =>
  `The answer took more than ${ms / 1000} seconds: ask for fewer days, or group by less.`;
