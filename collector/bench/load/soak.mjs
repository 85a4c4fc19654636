import { setTimeout as pause } from "node:timers/promises";
import { table } from "../report.mjs";
import { bodyOf, load } from "./generator.mjs";
import { startCollector } from "./servers.mjs";

const CONNECTIONS = 128;
/** 500 requests a second. */
const DELAY_MS = 256;
const POLL_EVERY_MS = 2000;

/** A reader polls while events come in: is memory flat after five minutes? */
export async function soak({ minutes, big }) {
  const server = await startCollector({ big });
  let isOver = false;
  const memory = [];
  const reads = [];
  const watch = async () => {
    for (let at = 0; !isOver; at += 1) {
      const since = performance.now();
      const answer = await fetch(
        `${server.url}/api/v1/query?product=acme&by=day&measure=builds,installations,p95`,
      );
      await answer.text();
      if (!answer.ok) throw new Error(`The reader was answered ${answer.status}.`);
      reads.push(performance.now() - since);
      memory.push({
        second: (at * POLL_EVERY_MS) / 1000,
        resident: server.residentMiB(),
        ...(await ofNode(server.url)),
      });
      await pause(Math.max(0, POLL_EVERY_MS - (performance.now() - since)));
    }
  };
  const body = await bodyOf(1);
  const writes = load({
    url: server.url,
    body,
    seconds: minutes * 60,
    connections: CONNECTIONS,
    delayMs: DELAY_MS,
  }).finally(() => {
    isOver = true;
  });
  const [result] = await Promise.all([writes, watch()]);
  await server.stop();
  const step = Math.max(1, Math.floor(minutes / 10));
  const rows = [];
  for (let from = 0; from < minutes; from += step) {
    const some = memory.filter(({ second }) => Math.floor(second / 60 / step) * step === from);
    const of = (name) => some.map((at) => at[name]).sort((a, b) => a - b);
    const middle = (name) => of(name)[some.length >> 1];
    if (some.length > 0) {
      const resident = of("resident");
      rows.push([
        `from minute ${from}`,
        ...[resident[0], middle("resident"), resident.at(-1), middle("heap"), middle("external")],
      ]);
    }
  }
  console.log(
    table(["MiB", "resident, least", "median", "most", "heap, median", "external, median"], rows),
  );
  reads.sort((a, b) => a - b);
  console.log(
    `\n${Math.round(result.rate)} requests/s, p99 ${result.p99.toFixed(1)} ms, longest ${Math.round(result.longest)} ms, ${result.refused} refused, ${result.broken} broken; ${reads.length} reads, median ${Math.round(reads[reads.length >> 1])} ms, longest ${Math.round(reads.at(-1))} ms`,
  );
}

/** What Node.js itself holds; the rest is the engine's, up to its limit. */
async function ofNode(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const mib = (name) =>
    Math.round(Number(new RegExp(`^${name} (.*)$`, "m").exec(text)[1]) / 2 ** 20);
  return {
    heap: mib("nodejs_heap_size_used_bytes"),
    external: mib("nodejs_external_memory_bytes"),
  };
}
