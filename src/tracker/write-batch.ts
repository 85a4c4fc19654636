import { fingerprint, schemaVersion } from "../events/fingerprint.ts";
import type { ValidEvent } from "../events/validate.ts";
import type { BuildFacts } from "../metadata/build-facts.ts";
import { hourOf } from "../metadata/hour.ts";
import {
  type Batch,
  type BatchContent,
  batchFormat,
  type FirstOf,
  type WireEvent,
} from "../spool/batch.ts";
import { removeOpenBatch, rewriteOpenBatch, settleBatch, writeOpenBatch } from "../spool/write.ts";
import { newUuid } from "../support/ids.ts";
import { batchMaxBytes, requestMaxEvents, writesPerTrim } from "../support/limits.ts";
import { fromHome } from "../support/paths.ts";
import { later } from "./later.ts";
import type { ResolvedOptions } from "./options.ts";

/** What the batches of one process have in common. */
export type BatchBase = Omit<Batch, "batchId">;

export function batchBase(
  options: ResolvedOptions,
  context: BatchContent["context"],
  facts: BuildFacts,
  heldSince: number | undefined,
): BatchBase {
  const { alsoRead, consent, offVariables } = options;
  const isTold = alsoRead.length === 0 && consent === "opt-out" && offVariables.length === 1;
  const named = alsoRead.map((other) => ({ ...other, file: fromHome(other.file) }));
  return {
    format: batchFormat,
    product: options.name,
    version: options.version,
    sinks: options.sinks,
    ...(heldSince === undefined ? {} : { heldSince }),
    ...(isTold ? {} : { asks: { alsoRead: named, consent, offVariables } }),
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
  add(base: BatchBase, events: readonly RecordedEvent[]): void {
    for (const chunk of chunksOf(wireEvents(base, events))) {
      if (this.#batch && !this.#grow(this.#batch, chunk)) this.settle();
      if (!this.#batch) this.#begin(base, chunk);
    }
  }

  /** Puts another event in the place of one, under its id. False if that has been settled. */
  replace(event: RecordedEvent): boolean {
    const batch = this.#batch;
    if (!batch?.content.events.some(({ id }) => id === event.id)) return false;
    const [wire] = wireEvents(batch, [event]) as [WireEvent];
    const events = batch.content.events.map((old) => (old.id === wire.id ? wire : old));
    return this.#rewrite({ ...batch, content: { ...batch.content, events } });
  }

  /** Takes one out again. False if it has been settled. */
  withdraw(id: string): boolean {
    const batch = this.#batch;
    const events = batch?.content.events.filter((event) => event.id !== id);
    if (!batch || events?.length === batch.content.events.length) return false;
    if (events?.length) return this.#rewrite({ ...batch, content: { ...batch.content, events } });
    this.#batch = undefined;
    return removeOpenBatch(this.#spool, batch.batchId);
  }

  /** Lets senders have it. Its id; undefined if there is none, or none any more. */
  settle(): string | undefined {
    const batch = this.#batch;
    this.#batch = undefined;
    return batch && settleBatch(this.#spool, batch.batchId) ? batch.batchId : undefined;
  }

  get isEmpty(): boolean {
    return this.#batch === undefined;
  }

  #begin(base: BatchBase, chunk: Chunk): void {
    const batch = batchOf(base, chunk);
    writeOpenBatch(this.#spool, batch);
    // Without a counter on disk: ids are random, and so this is one write in 64.
    if (Number.parseInt(batch.batchId.slice(0, 4), 16) % writesPerTrim === 0) {
      later().trimSpool(this.#spool, Date.now());
    }
    this.#batch = batch;
    this.#bytes = chunk.bytes;
  }

  /** False if they don't fit in, or if the file has been taken or deleted meanwhile. */
  #grow(batch: Batch, chunk: Chunk): boolean {
    const events = [...batch.content.events, ...chunk.events];
    const bytes = this.#bytes + chunk.bytes;
    if (events.length > requestMaxEvents || bytes > batchMaxBytes) return false;
    if (!this.#rewrite({ ...batch, content: { ...batch.content, events } })) return false;
    this.#bytes = bytes;
    return true;
  }

  #rewrite(batch: Batch): boolean {
    if (!rewriteOpenBatch(this.#spool, batch)) return false;
    this.#batch = batch;
    return true;
  }
}

/** As they would lie in the spool. */
export function batchesOf(base: BatchBase, events: readonly RecordedEvent[]): Batch[] {
  return chunksOf(wireEvents(base, events)).map((chunk) => batchOf(base, chunk));
}

function batchOf(base: BatchBase, { events }: Chunk): Batch {
  return { ...base, batchId: newUuid(), content: { ...base.content, events } };
}

interface Chunk {
  events: WireEvent[];
  bytes: number;
}

function chunksOf(events: readonly WireEvent[]): Chunk[] {
  const chunks: Chunk[] = [];
  let chunk: Chunk | undefined;
  for (const event of events) {
    const bytes = Buffer.byteLength(JSON.stringify(event)) + 1;
    if (!chunk || chunk.events.length >= requestMaxEvents || chunk.bytes + bytes > batchMaxBytes) {
      chunk = { events: [], bytes: 0 };
      chunks.push(chunk);
    }
    chunk.events.push(event);
    chunk.bytes += bytes;
  }
  return chunks;
}

/** A valid event, with the id that it keeps on its way, however often it is sent. */
export interface RecordedEvent extends ValidEvent {
  id: string;
  firstOf?: FirstOf;
}

/** Coarse timestamps are the hour's: the exact moment of a build could be matched with others. */
export function wireEvents(
  { metadata }: Pick<BatchBase, "metadata">,
  events: readonly RecordedEvent[],
): WireEvent[] {
  return events.map(({ id, eventName, timestamp, ...others }) => ({
    id,
    eventName,
    timestamp: metadata === "full" ? timestamp : hourOf(timestamp),
    ...others,
  }));
}
