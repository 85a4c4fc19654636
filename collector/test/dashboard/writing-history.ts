import { writeFileSync } from "node:fs";
import { readProduct } from "../../src/definitions/product.ts";
import { createProducts } from "../../src/definitions/products.ts";
import { demoHistory } from "../../src/demo/history.ts";
import { demoSchema } from "../../src/demo/product.ts";
import { createIngest } from "../../src/ingest/ingest.ts";
import { noTally } from "../../src/metrics/tally.ts";
import { createRates } from "../../src/rates/rates.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import type { Filling } from "./served.ts";

/**
 * Fills a collector's database with a made-up history, by the ingest path, with the clock of its
 * events; and writes the product's schema beside it.
 */
const { file, schema, history } = JSON.parse(process.argv[2] ?? "{}") as Filling;

writeFileSync(schema, JSON.stringify(demoSchema()));
const store = await openDuckDb({ file, threads: 1 });
await store.ready;
let clock = new Date();
const ingest = createIngest({
  products: createProducts([readProduct(demoSchema(), schema)]),
  store,
  rates: createRates({ perId: 0, perSource: 0, total: 0 }),
  bans: undefined,
  tally: noTally,
  stopped: new Set(),
  onError: (error) => process.stderr.write(`${error.stack}\n`),
  now: () => clock,
});

let waiting: Promise<{ status: number }>[] = [];
async function settle(): Promise<void> {
  for (const { status } of await Promise.all(waiting)) {
    if (status !== 202) throw new Error(`An event of the history was answered with ${status}.`);
  }
  waiting = [];
}
if (history) {
  for (const { receivedAt, body } of demoHistory({ ...history, end: new Date(history.end) })) {
    clock = receivedAt;
    waiting.push(ingest.post(JSON.stringify(body), ""));
    if (waiting.length === 500) await settle();
  }
}
await settle();
await store.close();
