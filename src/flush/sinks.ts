import { type Answer, openSink, type Sink } from "../sink/index.ts";
import { backoffUntil, beginAttempt, clearBackoff, extendBackoff } from "../spool/index.ts";
import { retryAfterInPlaceMs } from "../support/limits.ts";
import { type SinkOptions, sinkKey } from "../support/sinks.ts";

/**
 * The sinks of one sender's run, each with its back-off. The first failure of an endpoint ends
 * the run for it: what is left waits for a later sender.
 */
export interface SinkRun {
  key: string;
  sink: Sink;
  /** Neither failed in this run nor backing off. */
  isOpen(): boolean;
  /** To be called before an attempt: until it is known to have worked, it counts as failed. */
  begin(): void;
  worked(): void;
  failed(answer: Answer): void;
  /** Nothing was sent after all. */
  untried(): void;
}

/** `backoffPrefix`: for what has a back-off of its own at the same sinks. */
export function createSinkRuns(
  backoffFolder: string,
  ignoreBackoff: boolean,
  backoffPrefix = "",
): (options: SinkOptions) => SinkRun | undefined {
  const runs = new Map<string, SinkRun | undefined>();
  return (options) => {
    const key = sinkKey(options);
    if (!runs.has(key)) {
      const sink = openSink(options);
      const backoff = {
        folder: backoffFolder,
        name: backoffPrefix + key,
        isIgnored: ignoreBackoff,
      };
      runs.set(key, sink && createSinkRun(key, sink, backoff));
    }
    return runs.get(key);
  };
}

interface BackoffOf {
  folder: string;
  name: string;
  isIgnored: boolean;
}

function createSinkRun(key: string, sink: Sink, { folder, name, isIgnored }: BackoffOf): SinkRun {
  let ended = false;
  let underWay = 0;
  return {
    key,
    sink,
    isOpen() {
      if (ended) return false;
      // A back-off found while attempts of our own are under way is theirs.
      return isIgnored || underWay > 0 || backoffUntil(folder, name, Date.now()) === undefined;
    },
    begin() {
      if (underWay === 0) beginAttempt(folder, name, Date.now());
      underWay += 1;
    },
    worked() {
      underWay -= 1;
      if (underWay === 0 && !ended) clearBackoff(folder, name);
    },
    failed(answer) {
      underWay -= 1;
      ended = true;
      const pauseMs = "retryAfterMs" in answer ? (answer.retryAfterMs ?? 0) : 0;
      // A shorter one was waited for in place, and must not cut the back-off short.
      if (pauseMs > retryAfterInPlaceMs) extendBackoff(folder, name, Date.now(), pauseMs);
    },
    untried() {
      underWay -= 1;
      if (underWay === 0 && !ended) clearBackoff(folder, name);
    },
  };
}
