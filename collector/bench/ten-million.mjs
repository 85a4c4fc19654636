/**
 * Ten million events in DuckDB: bytes an event, a start, and every query of the dashboard's views,
 * through the store's own reader.
 *
 *     node collector/bench/ten-million.mjs [--file telemetry.db] [--events 10000000] [--threads 2]
 *       [--store duckdb|chdb]
 *
 * `--store chdb`: the same events and queries on ClickHouse's engine, in a process of its own, copied
 * to a folder beside the file (`npm install` in collector/test/engines first).
 *
 * Makes the file where there is none, in two minutes; `load.mjs --big` takes it, too.
 */
import { existsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { importSource } from "./bundled.mjs";
import { describeMachine, median, table } from "./report.mjs";
import { startChdb } from "./ten-million/chdb.mjs";
import { makeStore } from "./ten-million/make.mjs";
import { viewsUpTo } from "./ten-million/views.mjs";

const { values: options } = parseArgs({
  options: {
    file: { type: "string", default: path.join(tmpdir(), "sendoff-ten-million.db") },
    events: { type: "string", default: "10000000" },
    threads: { type: "string", default: "2" },
    store: { type: "string", default: "duckdb" },
    /** Of this process's own: one query, in a process that has run no other; and the last day. */
    only: { type: "string" },
    last: { type: "string" },
  },
});
const events = Number(options.events);
const { openDuckDb } = await importSource("store/duckdb/store");

if (options.only) {
  await measureOne();
} else {
  console.log(describeMachine());
  if (!existsSync(options.file)) {
    const since = performance.now();
    await makeStore(options.file, events);
    console.log(`made ${events} events in ${Math.round((performance.now() - since) / 1000)} s`);
  }
  await (options.store === "chdb" ? measureChdb() : measureDuckDb());
}

function rounded([name, ...times]) {
  return [name, ...times.map((time) => Math.round(time))];
}

async function openStore() {
  return openDuckDb({ file: options.file, threads: Number(options.threads) });
}

async function measureOne() {
  const store = await openStore();
  const [view, name] = options.only.split(":");
  const processor = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  console.log(
    JSON.stringify(
      await sixRuns(() => viewsUpTo(options.last)[view][name](store.reader), processor),
    ),
  );
  await store.close();
}

/** How many milliseconds each of six runs took, and how many of processors. */
async function sixRuns(work, processor) {
  const runs = [];
  for (let run = 0; run < 6; run += 1) {
    const since = performance.now();
    const before = processor();
    await work();
    runs.push({ took: performance.now() - since, processor: processor() - before });
  }
  return runs;
}

async function measureDuckDb() {
  const since = performance.now();
  const store = await openStore();
  const opened = performance.now() - since;
  await store.ready;
  const ready = performance.now() - since;
  const [{ n, last }] = await store.reader.rows(
    "SELECT count(*) AS n, max(day) AS last FROM events",
  );
  await store.close();
  const bytes = statSync(options.file).size / n;
  console.log(`${n} events, ${bytes.toFixed(1)} bytes each on disk`);
  console.log(`reads after ${Math.round(opened)} ms, writes after ${Math.round(ready)} ms\n`);

  await measureViews(last, async (view, name) => {
    const own = ["--file", options.file, "--threads", options.threads, "--last", last];
    const only = ["--only", `${view}:${name}`];
    const { stdout } = await execa(process.execPath, [process.argv[1], ...own, ...only]);
    return JSON.parse(stdout);
  });
}

async function measureChdb() {
  const chdb = await startChdb(options.file);
  const { reader } = chdb.store;
  const [{ last }] = await reader.rows("SELECT CAST(max(day) AS String) AS last FROM events");
  await measureViews(last, (view, name) =>
    sixRuns(() => viewsUpTo(last)[view][name](reader), chdb.processor),
  );
  await chdb.stop();
}

async function measureViews(last, runsOf) {
  const views = viewsUpTo(last);
  for (const view of Object.keys(views)) {
    const rows = [];
    for (const name of Object.keys(views[view])) {
      const [first, ...warm] = await runsOf(view, name);
      const times = warm.map(({ took }) => took);
      const least = Math.min(...warm.map(({ processor }) => processor));
      rows.push([name, first.took, Math.min(...times), median(times), Math.max(...times), least]);
    }
    console.log(
      `${table([view, "first, ms", "least of 5", "median", "slowest", "processor, ms"], rows.map(rounded))}\n`,
    );
  }
}
