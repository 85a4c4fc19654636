import { writeFileSync } from "node:fs";
import { fillStore } from "../../src/demo/fill.ts";
import { demoSchema } from "../../src/demo/product.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import type { Filling } from "./served.ts";

/** Fills a collector's database with a made-up history, and writes the product's schema beside it. */
const { file, schema, history } = JSON.parse(process.argv[2] ?? "{}") as Filling;

writeFileSync(schema, JSON.stringify(demoSchema()));
const store = await openDuckDb({ file, threads: 1 });
await store.ready;
if (history) await fillStore(store, { ...history, end: new Date(history.end) });
await store.close();
