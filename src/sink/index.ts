import type { SinkOptions } from "../support/sinks.ts";
import { fileSink } from "./file.ts";
import { httpSink } from "./http.ts";
import { moduleSink } from "./module.ts";
import { posthogSink } from "./posthog.ts";
import { udpSink } from "./udp.ts";

/**
 * Sinks: where a sender delivers. A sink takes one request and says what came back; what that
 * means, and whether to try again, is the sender's to decide. It never throws.
 */
export interface Sink {
  deliver(request: { id: string; body: string }, timeoutMs: number): Promise<Answer>;
}

/** A status, or why there was none: a system error's code. */
export type Answer = { status: number; retryAfterMs?: number } | { failure: string };

/** Undefined for a kind that this version doesn't know. */
export function openSink(options: SinkOptions): Sink | undefined {
  switch (options.type) {
    case "http":
      return httpSink(options);
    case "file":
      return fileSink(options);
    case "udp":
      return udpSink(options);
    case "posthog":
      return posthogSink(options);
    case "module":
      return moduleSink(options);
    default:
      return undefined;
  }
}
