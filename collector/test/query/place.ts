import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { readProduct } from "../../src/definitions/product.ts";
import { demoSchema } from "../../src/demo/product.ts";
import { Queries, type QuerySettings } from "../../src/query/queries.ts";
import { queryRoutes } from "../../src/query/routes.ts";
import type { EventRow } from "../../src/rows/row.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import type { Store } from "../../src/store/store.ts";

/** A DuckDB store with rows, and the query API in front of it. */
export interface Place {
  store: Store;
  queries: Queries;
  products: QuerySettings["products"];
  write(rows: readonly EventRow[]): Promise<void>;
  /** Path and parameters below `/api/v1`. */
  get(path: string): Promise<Response>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what came.
  json(path: string): Promise<any>;
  close(): Promise<void>;
}

export async function makePlace(settings: Partial<QuerySettings> = {}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "sendoff-query-"));
  const store = await openDuckDb({ file: join(folder, "telemetry.db"), threads: 1 });
  await store.ready;
  const reader = store.reader;
  if (!reader) {
    throw new Error("DuckDB has no reader.");
  }
  const product = readProduct(demoSchema(), "the demo");
  const products = () => [product];
  const queries = new Queries({ reader, products, ...settings });
  const routes = queryRoutes(queries);
  const get = async (path: string) => routes.request(path);
  return {
    store,
    queries,
    products,
    get,
    async write(rows) {
      const count = async () =>
        Number((await reader.rows("SELECT count(*) AS n FROM events"))[0]?.n ?? 0);
      const before = await count();
      for (let at = 0; at < rows.length; at += 1000) {
        await store.write(rows.slice(at, at + 1000));
      }
      await vi.waitUntil(async () => (await count()) === before + rows.length, 10_000);
    },
    async json(path) {
      const answer = await get(path);
      return answer.json();
    },
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
