import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { Tally } from "./tally.ts";

export interface Metrics extends Tally {
  /** In Prometheus's text format. */
  text(): Promise<string>;
  contentType: string;
}

export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const registry = registers[0] as Registry;
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `sendoff_${name}_total`, help, labelNames, registers });
  const requests = counter("requests", "Requests answered.", ["what", "status"]);
  const events = counter("events", "Events, by what became of them.", ["product", "result"]);
  const dropped = counter("dropped", "Events and fields that were not taken.", ["reason"]);
  const banned = counter("banned_requests", "Requests of banned installations, thrown away.");
  const violations = counter("csp_violations", "Reports of the dashboard's content policy.");
  const seconds = new Histogram({
    name: "sendoff_request_seconds",
    help: "From the last byte of a request to its answer.",
    labelNames: ["what"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  return {
    answered(what, status, took) {
      requests.inc({ what, status });
      seconds.observe({ what }, took);
    },
    refused: (what, status) => requests.inc({ what, status }),
    wrote(product, { taken, repeated, forgotten }) {
      events.inc({ product, result: "taken" }, taken);
      if (repeated > 0) events.inc({ product, result: "repeated" }, repeated);
      if (forgotten > 0) events.inc({ product, result: "forgotten" }, forgotten);
    },
    dropped(reasons) {
      for (const [reason, times] of Object.entries(reasons)) dropped.inc({ reason }, times);
    },
    banned: () => banned.inc(),
    violated: () => violations.inc(),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
