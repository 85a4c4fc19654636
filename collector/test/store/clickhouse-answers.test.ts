import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readProduct } from "../../src/definitions/product.ts";
import { demoSchema } from "../../src/demo/product.ts";
import { Queries } from "../../src/query/queries.ts";
import { queryRoutes } from "../../src/query/routes.ts";
import { openClickHouse } from "../../src/store/clickhouse/node.ts";
import type { Store } from "../../src/store/store.ts";
import { type Engine, SERVER, startChdb, startServer } from "../engines/servers.ts";
import { makePlace, type Place } from "../query/place.ts";
import { historyOf } from "../query/rows.ts";
import { historyOfVersions } from "../query/versions.ts";

/**
 * The dashboard's questions have the same answers on ClickHouse as on DuckDB, which are held to plain
 * code elsewhere. Groups of the same size may come in another order.
 */

const now = () => Date.now();
const to = new Date(now() - 86_400_000).toISOString().slice(0, 10);
const first = Date.parse(to) - 49 * 86_400_000;
const rows = [
  ...historyOf({ seed: 4, count: 6_000, to, days: 40, installations: 600 }),
  ...historyOfVersions({ first, product: "beta" }),
];
const acme = readProduct(demoSchema(), "the demo");
const products = () => [acme, { ...acme, name: "beta" }];

let duckDb: Place;
beforeAll(async () => {
  duckDb = await makePlace({ now, products });
  await duckDb.write(rows);
}, 120_000);
afterAll(() => duckDb.close());

const every =
  "measure=events,builds,failures,successRate,installations,projects,installationsHit,p50,p75,p95,p99";

const since = `product=beta&from=${new Date(first).toISOString().slice(0, 10)}&to=${to}&since`;
const questions = [
  ["in all", `query?product=acme&to=${to}&${every}`],
  ["by day", `query?product=acme&to=${to}&by=day&${every}`],
  ["by week", `query?product=acme&to=${to}&by=week&measure=builds,p50`],
  ["by month", `query?product=acme&to=${to}&by=month&measure=builds`],
  ["by place", `query?product=acme&to=${to}&by=place&places=installation,ci,container&${every}`],
  ["by bundler", `query?product=acme&to=${to}&by=bundler&${every}`],
  ["by a flag", `query?product=acme&to=${to}&by=isWsl&measure=builds`],
  ["filtered by a flag", `query?product=acme&to=${to}&where.isWsl=true&measure=builds`],
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
  ["new in a version", `new?${since}=1.10.0&measure=failures,installations`],
  ["new in a fix of an old line", `new?${since}=1.9.1&measure=failures`],
  ["new in the first", `new?${since}=1.8.0&measure=failures`],
  ["new, filtered", `new?${since}=1.10.0&where.bundler=vite&measure=failures,installations`],
  ["new, of few", `new?${since}=1.10.0&where.bundlerVersion=0.0.1&measure=failures`],
  ["products", "products"],
] as const;

const under = [
  { name: "chdb", start: startChdb },
  ...(SERVER ? [{ name: "the server", start: startServer }] : []),
];

describe.each(under)("on $name", ({ start }) => {
  let folder: string;
  let engine: Engine;
  let store: Store;
  let ask: (path: string) => Promise<Response>;
  const write = async (these: typeof rows) => {
    for (let at = 0; at < these.length; at += 1_000) {
      await store.write(these.slice(at, at + 1_000));
    }
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sendoff-answers-"));
    engine = await start(folder);
    await engine.run("CREATE DATABASE answers");
    store = await openClickHouse({ url: engine.url, database: "answers" });
    await store.ready;
    const half = Math.floor(rows.length / 2);
    await write(rows.slice(0, half));
    // The columns of products' own fields: rows from before and after have them.
    await store.maintain(new Date());
    await write(rows.slice(half));
    if (!store.reader) throw new Error("ClickHouse has no reader.");
    const routes = queryRoutes(new Queries({ reader: store.reader, products, now }));
    ask = async (path) => routes.request(path);
  }, 120_000);
  afterAll(async () => {
    await store.close();
    await engine.kill();
    await rm(folder, { recursive: true, force: true });
  });

  // Debian's can't read into lists and maps.
  const hasLists = start !== startServer;
  const isListed = (path: string) => path.includes("features");

  test.each(questions.filter(([, path]) => hasLists || !isListed(path)))("%s", async (_, path) => {
    const [theirs, ours] = await Promise.all([ask(`/${path}`), duckDb.get(`/${path}`)]);
    const answers = [await theirs.json(), await ours.json()] as Answer[];
    expect(ours.status, JSON.stringify(answers[1])).toBe(200);
    expect(theirs.status, JSON.stringify(answers[0])).toBe(200);
    const [theirAnswer, ourAnswer] = answers.map((answer) => comparable(answer, hasLists));
    expect(theirAnswer).toEqual(ourAnswer);
  });

  if (!hasLists) {
    test("a list that can't be asked for is no dimension there", async () => {
      const path = questions.map(([, each]) => each).find(isListed);
      const answer = await ask(`/${path}`);
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as { error: string }).error).toMatch(/by=features .*: pass /);
    });
  }

  if (hasLists) {
    test("fields have columns, of which the next start knows", async () => {
      const again = await openClickHouse({ url: engine.url, database: "answers" });
      for (const { reader } of [store, again]) {
        expect(reader?.dialect.field("toolsCount", "number")).toBe('"toolsCount:number"');
        expect(reader?.dialect.items("features")).toBe('arrayJoin("features:list")');
        // Nothing has it.
        expect(reader?.dialect.field("nobody's", "text")).toContain("JSONExtract(fields, ");
      }
      await again.close();
    });
  }

  test("aggregates have flags as words", async () => {
    await store.maintain(new Date());
    const found = await store.reader?.rows(
      "SELECT DISTINCT value FROM daily WHERE dimension = 'isWsl' AND product = 'acme'",
    );
    expect(found?.map(({ value }) => value).sort()).toEqual(["false", "true"]);
  });

  test("the same table as Parquet", async () => {
    const answer = await ask(
      `/export?product=acme&to=${to}&by=bundler&measure=builds&format=parquet`,
    );
    expect(answer.status).toBe(200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([bytes.subarray(0, 4), bytes.subarray(-4)].map(String)).toEqual(["PAR1", "PAR1"]);
  });
});

interface Answer {
  asOf?: string;
  rows?: unknown[][];
  products?: { dimensions: { kind: string }[] }[];
}

function comparable(answer: Answer, hasLists: boolean): unknown {
  const { asOf: _, rows: table, ...rest } = answer;
  for (const product of rest.products ?? []) {
    product.dimensions = product.dimensions.filter(
      ({ kind }) => hasLists || (kind !== "list" && kind !== "map"),
    );
  }
  if (!table) return rest;
  const lines = table.map((row) =>
    JSON.stringify(
      row.map((value) => (typeof value === "number" ? Number(value.toPrecision(12)) : value)),
    ),
  );
  return { ...rest, rows: lines.sort() };
}
