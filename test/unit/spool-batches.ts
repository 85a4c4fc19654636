import { utimesSync } from "node:fs";
import type { Batch, SealedBatch } from "../../src/spool/batch.ts";

/** Batches as builds and senders write them, for the tests of spool and sender. */
export function batchOf(batchId: string, given: Partial<Batch> = {}): Batch {
  return {
    format: 1,
    product: "acme",
    version: "1.2.3",
    batchId,
    sinks: [{ type: "http", url: "http://127.0.0.1:9/events" }],
    metadata: "coarse",
    content: {
      schemaVersion: 1,
      definitions: "0".repeat(32),
      context: { anonymousId: null, projectHash: null, sessionId: "5".repeat(64) },
      events: [eventOf(`${batchId}-event`)],
    },
    facts: {},
    ...given,
  };
}

export function eventOf(id: string, fields: Record<string, unknown> = {}) {
  return { id, eventName: "page:seen", timestamp: "2026-03-01T10:00:00.000Z", fields };
}

export function sealedOf(batchId: string, given: Partial<SealedBatch> = {}): SealedBatch {
  const { format, product, version, sinks } = batchOf(batchId);
  const requests = [{ id: batchId, body: '{"events":[]}' }];
  return { format, sealed: true, product, version, batchId, sinks, requests, left: {}, ...given };
}

/** The ids of the first batches of a test: `batchId(1)`, `batchId(2)`, … */
export function batchId(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

export function setAge(file: string, changedAt: number): void {
  utimesSync(file, new Date(changedAt), new Date(changedAt));
}
