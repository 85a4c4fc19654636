import type { BuildFacts } from "../metadata/build-facts.ts";
import type { MachineFacts } from "../metadata/machine.ts";
import { createMeta, type WireMeta } from "../metadata/meta.ts";
import type { Batch, BatchContent } from "./batch.ts";

/** The JSON object that is POSTed; docs/design.md, section 7. */
export interface Payload extends BatchContent {
  batchId: string;
  meta: WireMeta;
}

/** A batch's payload: what the build wrote, and the machine. */
export function payloadOf(batch: Batch, machine: MachineFacts): Payload {
  const { schemaVersion, definitions, context, events } = batch.content;
  const meta = createMeta(batch.metadata, batch.facts as BuildFacts, machine);
  return { schemaVersion, definitions, batchId: batch.batchId, context, meta, events };
}
