import { type SinkOptions, sinkProblem } from "../support/sinks.ts";
import { fileSink } from "./file.ts";
import { httpSink } from "./http.ts";
import { moduleSink } from "./module.ts";
import { posthogSink } from "./posthog.ts";
import type { Sink } from "./sink.ts";
import { udpSink } from "./udp.ts";

export type { Answer, Sink } from "./sink.ts";

/**
 * Undefined for a kind that this version doesn't know, and for one that no product could have
 * given: the options come from a file.
 */
export function openSink(options: SinkOptions): Sink | undefined {
  if (sinkProblem(options) !== undefined) return undefined;
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
