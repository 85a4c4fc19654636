/**
 * The dashboard's first view in a browser, with ten million events in DuckDB, while 500 events a second
 * come in: how long until every panel has its answer, and what the view does to who sends.
 *
 *     npm run build -w collector
 *     node collector/bench/first-view.mjs [--file telemetry.db] [--runs 5]
 *
 * `ten-million.mjs` makes the file; its days are aggregated first, where they aren't. Takes wrk, and
 * Chromium (`--browser /usr/bin/chromium`). Every view is of a browser that knows nothing yet.
 *
 * - *a browser beside it*: the page of another collector, of few events, so that what the browser takes of
 *   the same cores is told apart from what the view takes of the collector.
 * - *the first ever*: nobody has looked within days, so nothing is ready.
 * - *warm*: somebody has, but long enough ago that the answers from then have lapsed.
 * - *after a start*: the page is opened as soon as the collector listens, while it reads its ids.
 */
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { chromium } from "playwright-core";
import { pageShown } from "../../scripts/page-shown.mjs";
import { importSource } from "./bundled.mjs";
import { bodyOf, load } from "./load/generator.mjs";
import { describeMachine, median, table } from "./report.mjs";
import { makeStore } from "./ten-million/make.mjs";

const { values: options } = parseArgs({
  options: {
    file: { type: "string", default: path.join(tmpdir(), "sendoff-ten-million.db") },
    runs: { type: "string", default: "5" },
    browser: { type: "string", default: "/usr/bin/chromium" },
  },
});
const runs = Number(options.runs);

const CONNECTIONS = 128;
/** 500 requests a second, of one event each. */
const DELAY_MS = 256;
/** A view is opened in the middle of so many seconds of load. */
const LOAD_S = 4;
/** The longest that an answer is kept, unless the collector has renewed it. */
const LAPSED_MS = 5.5 * 60_000;

console.log(describeMachine());
await aggregate(options.file);
const folder = mkdtempSync(path.join(tmpdir(), "sendoff-first-view-"));
const browser = await chromium.launch({
  executablePath: options.browser,
  args: ["--no-sandbox", "--headless", "--disable-gpu", "--no-first-run"],
});
try {
  cpSync(options.file, path.join(folder, "telemetry.db"));
  await makeStore(path.join(folder, "few.db"), 100_000);
  await measure();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

async function measure() {
  const body = await bodyOf(1);
  const loaded = (url) =>
    load({ url, body, seconds: LOAD_S, connections: CONNECTIONS, delayMs: DELAY_MS });
  const seen = async (viewed = server) => {
    const [sent, shown] = await Promise.all([
      loaded(server.url),
      pause(500).then(() => view(viewed)),
    ]);
    return { ...sent, ...shown };
  };
  const results = { without: [], beside: [], first: [], warm: [], started: [] };

  let server = await startCollector("telemetry.db");
  await server.ready();
  for (let run = 0; run < runs; run += 1) results.without.push(await loaded(server.url));
  const other = await startCollector("few.db");
  await other.ready();
  await view(other);
  for (let run = 0; run < runs; run += 1) results.beside.push(await seen(other));
  await other.stop();
  results.first.push(await seen());
  await pause(LAPSED_MS);
  for (let run = 0; run < runs; run += 1) {
    results.warm.push(await seen());
    await pause(5000);
  }
  for (let run = 0; run < runs; run += 1) {
    await server.stop();
    server = await startCollector("telemetry.db");
    const [sent, viewed] = await Promise.all([loaded(server.url), view(server)]);
    results.started.push({ ...sent, ...viewed });
    await server.ready();
  }
  await server.stop();

  const row = (name, some, has = true) => [
    name,
    has ? Math.round(median(some.map(({ took }) => took))) : "",
    has ? Math.round(Math.max(...some.map(({ took }) => took))) : "",
    has ? Math.round(Math.min(...some.map(({ processor }) => processor))) : "",
    Math.round(median(some.map(({ rate }) => rate))),
    median(some.map(({ p50 }) => p50)).toFixed(1),
    median(some.map(({ p99 }) => p99)).toFixed(1),
    Math.round(Math.max(...some.map(({ longest }) => longest))),
    some.reduce((sum, { refused, broken }) => sum + refused + broken, 0),
  ];
  console.log(
    table(
      [
        "",
        "view, ms",
        "slowest",
        "processor, ms",
        "events/s",
        "p50, ms",
        "p99",
        "longest",
        "refused",
      ],
      [
        row("no view", results.without, false),
        row("a browser beside it", results.beside),
        row("a view, the first ever", results.first),
        row("a view, warm", results.warm),
        row("a view, after a start", results.started),
      ],
    ),
  );
}

/**
 * @returns milliseconds until every panel of a new browser's page has its answer, and of the
 * collector's processor time meanwhile.
 */
async function view(server) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  try {
    const since = performance.now();
    const before = server.processor();
    await page.goto(`${server.url}/dashboard/`);
    await pageShown(page);
    const took = performance.now() - since;
    const processor = server.processor() - before;
    const shown = await page.locator(".figure [data-value]").first().getAttribute("data-value");
    if (!(Number(shown) > 0)) throw new Error("The page shows no builds.");
    return { took, processor };
  } finally {
    await context.close();
  }
}

/** The built collector, as a process; it listens when this resolves. */
async function startCollector(file) {
  const { demoSchema } = await importSource("demo/product");
  const schema = path.join(folder, "schema.json");
  writeFileSync(schema, JSON.stringify(demoSchema()));
  const main = fileURLToPath(new URL("../dist/main.mjs", import.meta.url));
  const flags = ["--events", schema, "--store", `duckdb:${path.join(folder, file)}`];
  const child = execa(
    process.execPath,
    [main, ...flags, "--port", "0", "--rate-per-source", "0", "--log-level", "warn"],
    { stderr: "inherit", reject: false, buffer: false },
  );
  const [said] = await once(child.stdout, "data");
  const url = /http:\/\/[^/]+/.exec(String(said))[0];
  return {
    url,
    /** Milliseconds so far, of all threads. */
    processor() {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    async ready() {
      while (!(await fetch(`${url}/readyz`)).ok) await pause(100);
    },
    async stop() {
      child.kill("SIGTERM");
      await child;
    },
  };
}

/** What a collector does within its first minutes, so that it is not measured as a view's time. */
async function aggregate(file) {
  const { openDuckDb } = await importSource("store/duckdb/store");
  const store = await openDuckDb({ file });
  await store.ready;
  const count = async (sql) => Number((await store.reader.rows(sql))[0].n);
  const days = await count("SELECT count(DISTINCT day) AS n FROM events");
  while ((await count("SELECT count(*) AS n FROM aggregated")) < days) {
    await store.maintain(new Date());
  }
  await store.close();
}
