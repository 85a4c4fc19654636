import type { Answer } from "../sink/index.ts";
import { type Erasure, forgetErasure, listErasures } from "../spool/index.ts";
import { attemptTimeoutMs, retryNeedsMs, settleReserveMs } from "../support/limits.ts";
import type { Places } from "../support/paths.ts";
import { meaningOf } from "./answer.ts";
import { createSinkRuns } from "./sinks.ts";

export interface ErasureRun {
  places: Places;
  lifeLeftMs(): number;
  ignoreBackoff: boolean;
}

export interface ErasureOutcome {
  erasure: Erasure;
  /** Undefined where it was not asked: backing off, out of time, or after a failure. */
  answer: Answer | undefined;
}

/**
 * Asks each sink for the erasures that are remembered, and forgets what is confirmed. What isn't
 * stays for the next run, whatever the answer was: a collector may learn to erase yet.
 */
export async function askErasures(run: ErasureRun): Promise<ErasureOutcome[]> {
  const { places, lifeLeftMs, ignoreBackoff } = run;
  const sinkRun = createSinkRuns(places.backoff, ignoreBackoff, "erase-");
  const ask = async (erasure: Erasure): Promise<Answer | undefined> => {
    const asked = sinkRun(erasure.sink);
    const timeoutMs = Math.min(attemptTimeoutMs, lifeLeftMs() - settleReserveMs);
    if (!asked?.sink.erase || !asked.isOpen() || timeoutMs < retryNeedsMs) return undefined;
    asked.begin();
    const answer = await asked.sink.erase(erasure.anonymousId, timeoutMs);
    if (meaningOf(answer) === "done") {
      forgetErasure(places.erasures, erasure);
      asked.worked();
    } else {
      asked.failed(answer);
    }
    return answer;
  };
  const outcomes: ErasureOutcome[] = [];
  for (const erasure of listErasures(places.erasures, Date.now())) {
    outcomes.push({ erasure, answer: await ask(erasure) });
  }
  return outcomes;
}
