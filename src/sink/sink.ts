/**
 * Sinks: where a sender delivers. A sink takes one request and says what came back; what that
 * means, and whether to try again, is the sender's to decide. It never throws.
 */
export interface Sink {
  deliver(request: { id: string; body: string }, timeoutMs: number): Promise<Answer>;
  /** Asks to delete what was sent under an id; 2xx confirms it. Missing where that can't be asked. */
  erase?(anonymousId: string, timeoutMs: number): Promise<Answer>;
  /** Sends nothing of anybody: any status says that it can be reached. */
  probe?(timeoutMs: number): Promise<Answer>;
}

/** A status, or why there was none: a system error's code. */
export type Answer = { status: number; retryAfterMs?: number } | { failure: string };
