import { setTimeout as pause } from "node:timers/promises";
import { readProduct } from "../definitions/product.ts";
import { createProducts, type Products } from "../definitions/products.ts";
import { acceptPayload } from "../ingest/accept-payload.ts";
import type { EventRow } from "../rows/row.ts";
import { type Store, StoreBusyError } from "../store/store.ts";
import { demoHistory, type HistoryOptions } from "./history.ts";
import { demoSchema } from "./product.ts";

export interface Filled {
  /** Rows that the store has taken. */
  taken: number;
  /** Rows that it had already: the same history was written before. */
  repeated: number;
}

/** About what a store syncs at once; far below what it lets wait. */
const rowsAtOnce = 4000;

function demoProducts(): Products {
  return createProducts([readProduct(JSON.parse(JSON.stringify(demoSchema())), "the demo")]);
}

/**
 * Writes a history the way it would have come in: each request is held to the allowlist at the
 * moment of its arrival, and its rows are durable when this resolves.
 *
 * @param onProgress called now and then with how many events are written.
 * @throws Error where the collector's own allowlist would refuse or cut a request.
 */
export async function fillStore(
  store: Store,
  options: HistoryOptions,
  onProgress: (events: number) => void = () => {},
): Promise<Filled> {
  const products = demoProducts();
  const filled: Filled = { taken: 0, repeated: 0 };
  let rows: EventRow[] = [];
  let writing: Promise<void> = Promise.resolve();

  const write = async (batch: readonly EventRow[]) => {
    const { repeated, taken } = await patientWrite(store, batch);
    filled.taken += taken;
    filled.repeated += repeated;
    onProgress(filled.taken + filled.repeated);
  };
  for (const { body, receivedAt } of demoHistory(options)) {
    const accepted = acceptPayload(products, body, receivedAt);
    if ("refusal" in accepted) throw new Error(`The demo's own request: ${accepted.refusal}`);
    const [cut] = Object.keys(accepted.dropped);
    if (cut !== undefined) throw new Error(`The demo's own request is not as listed: ${cut}.`);
    rows.push(...accepted.rows);
    if (rows.length < rowsAtOnce) continue;
    // The next ones are made while the disk is at work.
    await writing;
    writing = write(rows);
    rows = [];
  }
  await writing;
  if (rows.length > 0) await write(rows);
  return filled;
}

async function patientWrite(store: Store, rows: readonly EventRow[]) {
  for (;;) {
    try {
      return await store.write(rows);
    } catch (error) {
      if (!(error instanceof StoreBusyError)) throw error;
      await pause(100);
    }
  }
}
