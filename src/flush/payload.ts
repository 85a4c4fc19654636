import { readMachineFacts } from "../metadata/machine-facts.ts";
import {
  type Batch,
  type Payload,
  payloadOf,
  type Request,
  type WireEvent,
} from "../spool/index.ts";
import { requestMaxBytes, requestMaxEvents } from "../support/limits.ts";

/** A batch's final payload, as one request or several. */
export function requestsOf(batch: Batch): Request[] {
  return splitIfTooLarge(payloadOf(batch, readMachineFacts()));
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
