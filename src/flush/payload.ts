import type { BuildFacts } from "../metadata/build-facts.ts";
import { readMachineFacts } from "../metadata/machine-facts.ts";
import { createMeta } from "../metadata/meta.ts";
import type { Batch, BatchContent, Request, WireEvent } from "../spool/index.ts";
import { requestMaxBytes, requestMaxEvents } from "../support/limits.ts";

/** The JSON object that is POSTed; docs/design.md, section 7. */
interface Payload extends BatchContent {
  batchId: string;
  meta: object;
}

/** A batch's final payload: what the build wrote, and the machine. */
export function requestsOf(batch: Batch): Request[] {
  const { schemaVersion, definitions, context, events } = batch.content;
  const meta = createMeta(batch.metadata, batch.facts as BuildFacts, readMachineFacts());
  const payload: Payload = {
    schemaVersion,
    definitions,
    batchId: batch.batchId,
    context,
    meta,
    events,
  };
  return splitIfTooLarge(payload);
}

/** After a 413: the same events as smaller requests, or none if it was down to one event. */
export function splitRequest(request: Request): Request[] {
  return halves(JSON.parse(request.body) as Payload).flatMap(splitIfTooLarge);
}

function splitIfTooLarge(payload: Payload): Request[] {
  const body = JSON.stringify(payload);
  const fits =
    payload.events.length <= requestMaxEvents && Buffer.byteLength(body) <= requestMaxBytes;
  if (fits) return [{ id: payload.batchId, body }];
  return halves(payload).flatMap(splitIfTooLarge);
}

function halves(payload: Payload): Payload[] {
  const { events, batchId } = payload;
  if (events.length < 2) return [];
  const middle = Math.ceil(events.length / 2);
  const part = (half: WireEvent[], i: number) => ({
    ...payload,
    batchId: `${batchId}.${i}`,
    events: half,
  });
  return [events.slice(0, middle), events.slice(middle)].map(part);
}
