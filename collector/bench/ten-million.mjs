/**
 * Ten million events in DuckDB: bytes an event, a start, and every query of the dashboard's views,
 * through the store's own reader.
 *
 *     node collector/bench/ten-million.mjs [--file telemetry.db] [--events 10000000] [--threads 2]
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
import { makeStore } from "./ten-million/make.mjs";
import { views } from "./ten-million/views.mjs";

const { values: options } = parseArgs({
  options: {
    file: { type: "string", default: path.join(tmpdir(), "sendoff-ten-million.db") },
    events: { type: "string", default: "10000000" },
    threads: { type: "string", default: "2" },
    /** Of this process's own: one query, in a process that has run no other. */
    only: { type: "string" },
  },
});
const events = Number(options.events);
const { openDuckDb } = await importSource("store/duckdb/store");

if (options.only) {
  await measureOne();
} else {
  await measureAll();
}

function rounded([name, ...times]) {
  return [name, ...times.map((time) => Math.round(time))];
}

async function openStore() {
  return openDuckDb({ file: options.file, threads: Number(options.threads) });
}

/** Says how many milliseconds each of six runs took, and how many of processors. */
async function measureOne() {
  const store = await openStore();
  const [view, name] = options.only.split(":");
  const runs = [];
  for (let run = 0; run < 6; run += 1) {
    const since = performance.now();
    const before = process.cpuUsage();
    await views[view][name](store.reader);
    const { user, system } = process.cpuUsage(before);
    runs.push({ took: performance.now() - since, processor: (user + system) / 1000 });
  }
  console.log(JSON.stringify(runs));
  await store.close();
}

async function measureAll() {
  console.log(describeMachine());
  if (!existsSync(options.file)) {
    const since = performance.now();
    await makeStore(options.file, events);
    console.log(`made ${events} events in ${Math.round((performance.now() - since) / 1000)} s`);
  }
  const since = performance.now();
  const store = await openStore();
  const opened = performance.now() - since;
  await store.ready;
  const ready = performance.now() - since;
  const [{ n }] = await store.reader.rows("SELECT count(*) AS n FROM events");
  await store.close();
  const bytes = statSync(options.file).size / n;
  console.log(`${n} events, ${bytes.toFixed(1)} bytes each on disk`);
  console.log(`reads after ${Math.round(opened)} ms, writes after ${Math.round(ready)} ms\n`);

  for (const view of Object.keys(views)) {
    const rows = [];
    for (const name of Object.keys(views[view])) {
      const own = [
        "--file",
        options.file,
        "--threads",
        options.threads,
        "--only",
        `${view}:${name}`,
      ];
      const { stdout } = await execa(process.execPath, [process.argv[1], ...own]);
      const [first, ...warm] = JSON.parse(stdout);
      const times = warm.map(({ took }) => took);
      const processor = median(warm.map((run) => run.processor));
      rows.push([name, first.took, median(times), Math.max(...times), processor]);
    }
    console.log(
      `${table([view, "first, ms", "warm, ms", "slowest of 5", "processor, ms"], rows.map(rounded))}\n`,
    );
  }
}
