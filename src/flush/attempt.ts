import type { Answer, Sink } from "../sink/index.ts";
import type { Request } from "../spool/index.ts";
import {
  attemptTimeoutMs,
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
export async function attempt(given: Attempt): Promise<Answer | undefined> {
  const first = await once(given, 0);
  if (first === undefined || meaningOf(first) !== "retry") return first;
  // The pause before it must not use up what is kept for settling.
  if (given.lifeLeftMs() - retryAfterMs < retryNeedsMs) return first;
  const wantedMs = "retryAfterMs" in first ? (first.retryAfterMs ?? 0) : 0;
  // One to two times as long, so that many senders don't come back as one.
  await pause(retryAfterMs * (1 + Math.random()) + Math.max(0, wantedMs - retryAfterMs));
  return (await once(given, retryNeedsMs)) ?? first;
}

/** Undefined where nothing may be sent, or less time is left than it needs. */
async function once(given: Attempt, needsMs: number): Promise<Answer | undefined> {
  const { sink, request, lifeLeftMs, mayGoOn } = given;
  const timeoutMs = Math.min(attemptTimeoutMs, lifeLeftMs() - settleReserveMs);
  if (!mayGoOn() || timeoutMs <= 0 || lifeLeftMs() < needsMs) return undefined;
  return await sink.deliver(request, timeoutMs);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
