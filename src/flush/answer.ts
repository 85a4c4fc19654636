import type { Answer } from "../sink/index.ts";
import { retryAfterInPlaceMs } from "../support/limits.ts";

/**
 * What an answer means for the request that got it:
 * `done` taken · `retry` once more, soon · `split` too large · `drop` will never be taken ·
 * `stop` this product version is to be silent · `wait` leave it for a later sender.
 */
export type Meaning = "done" | "retry" | "split" | "drop" | "stop" | "wait";

export function meaningOf(answer: Answer): Meaning {
  if ("failure" in answer) return "retry";
  const { status, retryAfterMs = 0 } = answer;
  if (status >= 200 && status < 300) return "done";
  if (status === 413) return "split";
  if (status === 410) return "stop";
  if (status === 400 || status === 415 || status === 422) return "drop";
  if (status === 408 || status === 429 || status >= 500) {
    return retryAfterMs > retryAfterInPlaceMs ? "wait" : "retry";
  }
  // Redirects, 403, 404 and the like: often a proxy or a bad deploy.
  return "wait";
}

export function describeAnswer(answer: Answer): string {
  return "failure" in answer ? answer.failure : String(answer.status);
}
