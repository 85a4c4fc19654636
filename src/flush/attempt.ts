import retry from "async-retry";
import type { Answer, Sink } from "../sink/index.ts";
import type { Request } from "../spool/index.ts";
import {
  attemptTimeoutMs,
  retries,
  retryAfterMs,
  retryNeedsMs,
  settleReserveMs,
} from "../support/limits.ts";
import { meaningOf } from "./answer.ts";

/** One request, tried at most twice, within what is left of the sender's life. */
export interface Attempt {
  sink: Sink;
  request: Request;
  /** Milliseconds until the sender ends. */
  lifeLeftMs(): number;
  /** Asked before each request: is it still ours to send? */
  mayGoOn(): boolean;
}

/** The last answer; undefined if nothing was, or may be, sent. */
export async function attempt({
  sink,
  request,
  lifeLeftMs,
  mayGoOn,
}: Attempt): Promise<Answer | undefined> {
  let last: Answer | undefined;
  const once = async () => {
    if (last && "retryAfterMs" in last) await pause((last.retryAfterMs ?? 0) - retryAfterMs);
    const timeoutMs = Math.min(attemptTimeoutMs, lifeLeftMs() - settleReserveMs);
    if (!mayGoOn() || timeoutMs <= 0 || (last && lifeLeftMs() < retryNeedsMs)) return;
    last = await sink.deliver(request, timeoutMs);
    // The pause before it must not use up what is kept for settling.
    const isTimeForMore = lifeLeftMs() - retryAfterMs >= retryNeedsMs;
    if (isTimeForMore && meaningOf(last) === "retry") throw new Error("worth another attempt");
  };
  try {
    // `randomize` makes the pause 1 to 2 times as long, so that many senders don't come back as one.
    await retry(once, { retries, minTimeout: retryAfterMs, factor: 1, randomize: true });
  } catch {
    // Both attempts failed; what came back last says how.
  }
  return last;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
