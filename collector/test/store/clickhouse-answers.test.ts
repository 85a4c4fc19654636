import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readProduct } from "../../src/definitions/product.ts";
import { demoSchema } from "../../src/demo/product.ts";
import { Queries } from "../../src/query/queries.ts";
import { queryRoutes } from "../../src/query/routes.ts";
import { openClickHouse } from "../../src/store/clickhouse/node.ts";
import type { Store } from "../../src/store/store.ts";
import { type Engine, startChdb } from "../engines/servers.ts";
import { makePlace, type Place } from "../query/place.ts";
import { historyOf } from "../query/rows.ts";

/**
 * The dashboard's questions have the same answers on ClickHouse as on DuckDB, which are held to plain
 * code elsewhere. Groups of the same size may come in another order.
 */

const now = () => Date.now();
const to = new Date(now() - 86_400_000).toISOString().slice(0, 10);
const rows = historyOf({ seed: 4, count: 6_000, to, days: 40, installations: 600 });

let folder: string;
let engine: Engine;
let store: Store;
let duckDb: Place;
let ask: (path: string) => Promise<Response>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendoff-answers-"));
  engine = await startChdb(folder);
  await engine.run("CREATE DATABASE answers");
  store = await openClickHouse({ url: engine.url, database: "answers" });
  await store.ready;
  for (let at = 0; at < rows.length; at += 1_000) await store.write(rows.slice(at, at + 1_000));
  if (!store.reader) throw new Error("ClickHouse has no reader.");
  const product = readProduct(demoSchema(), "the demo");
  const routes = queryRoutes(new Queries({ reader: store.reader, products: () => [product], now }));
  ask = async (path) => routes.request(path);
  duckDb = await makePlace({ now });
  await duckDb.write(rows);
}, 120_000);
afterAll(async () => {
  await duckDb.close();
  await store.close();
  await engine.kill();
  await rm(folder, { recursive: true, force: true });
});

const every =
  "measure=events,builds,failures,successRate,installations,projects,installationsHit,p50,p75,p95,p99";

test.each([
  ["in all", `query?product=acme&to=${to}&${every}`],
  ["by day", `query?product=acme&to=${to}&by=day&${every}`],
  ["by week", `query?product=acme&to=${to}&by=week&measure=builds,p50`],
  ["by month", `query?product=acme&to=${to}&by=month&measure=builds`],
  ["by place", `query?product=acme&to=${to}&by=place&places=installation,ci,container&${every}`],
  ["by bundler", `query?product=acme&to=${to}&by=bundler&${every}`],
  ["by a flag", `query?product=acme&to=${to}&by=isWsl&measure=builds`],
  ["by memory", `query?product=acme&to=${to}&by=memoryTotal&measure=builds,p95`],
  ["by day and version", `query?product=acme&to=${to}&by=day,productVersion&measure=builds`],
  [
    "failures",
    `query?product=acme&to=${to}&by=errorPhase,errorType&measure=failures,installations`,
  ],
  ["filtered", `query?product=acme&to=${to}&by=day&where.bundler=vite,webpack&measure=builds`],
  ["by a field of the product's own", `query?product=acme&to=${to}&by=transport&measure=builds`],
  ["by a number of its own", `query?product=acme&to=${to}&by=toolsCount&measure=builds`],
  ["by a list", `query?product=acme&to=${to}&by=features&measure=builds`],
  ["a distribution", `distribution?product=acme&to=${to}&field=duration`],
  ["its groups", `distribution?product=acme&to=${to}&field=duration&by=bundler&bins=12`],
  ["products", "products"],
])("%s", async (_what, path) => {
  const [theirs, ours] = await Promise.all([ask(`/${path}`), duckDb.get(`/${path}`)]);
  const answers = [await theirs.json(), await ours.json()];
  expect(ours.status, JSON.stringify(answers[1])).toBe(200);
  expect(theirs.status, JSON.stringify(answers[0])).toBe(200);
  const [theirAnswer, ourAnswer] = answers.map(comparable);
  expect(theirAnswer).toEqual(ourAnswer);
});

test("the same table as Parquet", async () => {
  const answer = await ask(
    `/export?product=acme&to=${to}&by=bundler&measure=builds&format=parquet`,
  );
  expect(answer.status).toBe(200);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect([bytes.subarray(0, 4), bytes.subarray(-4)].map(String)).toEqual(["PAR1", "PAR1"]);
});

function comparable(answer: unknown): unknown {
  const { asOf: _, rows: table, ...rest } = answer as { asOf?: string; rows?: unknown[][] };
  if (!table) return rest;
  const lines = table.map((row) =>
    JSON.stringify(
      row.map((value) => (typeof value === "number" ? Number(value.toPrecision(12)) : value)),
    ),
  );
  return { ...rest, rows: lines.sort() };
}
