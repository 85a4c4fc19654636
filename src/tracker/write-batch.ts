import { fingerprint, schemaVersion } from "../events/fingerprint.ts";
import type { ValidEvent } from "../events/validate.ts";
import type { BuildFacts } from "../metadata/build-facts.ts";
import { hourOf } from "../metadata/coarse.ts";
import {
  type Batch,
  type BatchContent,
  batchFormat,
  growOpenBatch,
  settleBatch,
  trimSpool,
  type WireEvent,
  writeOpenBatch,
} from "../spool/index.ts";
import { batchMaxBytes, requestMaxEvents, writesPerTrim } from "../support/limits.ts";
import type { ResolvedOptions } from "./options.ts";

/** What the batches of one process have in common. */
export type BatchBase = Omit<Batch, "batchId">;

export function batchBase(
  options: ResolvedOptions,
  context: BatchContent["context"],
  facts: BuildFacts,
  heldSince: number | undefined,
): BatchBase {
  return {
    format: batchFormat,
    product: options.name,
    version: options.version,
    sinks: options.sinks,
    ...(heldSince === undefined ? {} : { heldSince }),
    metadata: options.metadata,
    content: { schemaVersion, definitions: fingerprint(options.definitions), context, events: [] },
    facts,
  };
}

/**
 * The process's open batch: one file, which grows by what later builds of the same process record,
 * and makes place for a second one before it would be too large for a request.
 */
export class OpenBatch {
  #spool: string;
  #batch: Batch | undefined;
  #bytes = 0;

  constructor(spool: string) {
    this.#spool = spool;
  }

  /** @throws where the spool can't be made or written. */
  add(base: BatchBase, events: readonly ValidEvent[]): void {
    for (const chunk of chunksOf(wireEvents(base, events))) {
      if (this.#batch && !this.#grow(this.#batch, chunk)) this.settle();
      if (!this.#batch) this.#begin(base, chunk);
    }
  }

  /** Lets senders have it. False if there is none, or none any more. */
  settle(): boolean {
    const batch = this.#batch;
    this.#batch = undefined;
    return batch !== undefined && settleBatch(this.#spool, batch.batchId);
  }

  get isEmpty(): boolean {
    return this.#batch === undefined;
  }

  #begin(base: BatchBase, chunk: Chunk): void {
    const { randomUUID } = process.getBuiltinModule("node:crypto");
    const batch = {
      ...base,
      batchId: randomUUID(),
      content: { ...base.content, events: chunk.events },
    };
    writeOpenBatch(this.#spool, batch);
    // Without a counter on disk: ids are random, and so this is one write in 64.
    if (Number.parseInt(batch.batchId.slice(0, 4), 16) % writesPerTrim === 0) {
      trimSpool(this.#spool, Date.now());
    }
    this.#batch = batch;
    this.#bytes = chunk.bytes;
  }

  /** False if they don't fit in, or if the file has been taken or deleted meanwhile. */
  #grow(batch: Batch, chunk: Chunk): boolean {
    const events = [...batch.content.events, ...chunk.events];
    const bytes = this.#bytes + chunk.bytes;
    if (events.length > requestMaxEvents || bytes > batchMaxBytes) return false;
    const grown = { ...batch, content: { ...batch.content, events } };
    if (!growOpenBatch(this.#spool, grown)) return false;
    this.#batch = grown;
    this.#bytes = bytes;
    return true;
  }
}

interface Chunk {
  events: WireEvent[];
  bytes: number;
}

function* chunksOf(events: readonly WireEvent[]): Generator<Chunk> {
  let chunk: Chunk = { events: [], bytes: 0 };
  for (const event of events) {
    const bytes = Buffer.byteLength(JSON.stringify(event)) + 1;
    const isFull = chunk.events.length >= requestMaxEvents || chunk.bytes + bytes > batchMaxBytes;
    if (isFull && chunk.events.length > 0) {
      yield chunk;
      chunk = { events: [], bytes: 0 };
    }
    chunk.events.push(event);
    chunk.bytes += bytes;
  }
  if (chunk.events.length > 0) yield chunk;
}

/** Coarse timestamps are the hour's: the exact moment of a build could be matched with others. */
export function wireEvents(base: BatchBase, events: readonly ValidEvent[]): WireEvent[] {
  const { randomUUID } = process.getBuiltinModule("node:crypto");
  return events.map(({ eventName, timestamp, fields }) => ({
    id: randomUUID(),
    eventName,
    timestamp: base.metadata === "full" ? timestamp : hourOf(timestamp),
    fields,
  }));
}
