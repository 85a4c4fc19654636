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
      memory.push({ second: (at * POLL_EVERY_MS) / 1000, mib: server.residentMiB() });
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
  const within = (from, to) => {
    const some = memory.filter(({ second }) => second >= from * 60 && second < to * 60);
    return some.map(({ mib }) => mib).sort((a, b) => a - b);
  };
  const rows = [];
  for (let from = 0; from < minutes; from += Math.max(1, Math.floor(minutes / 10))) {
    const mib = within(from, from + Math.max(1, Math.floor(minutes / 10)));
    if (mib.length > 0)
      rows.push([`from minute ${from}`, mib[0], mib[mib.length >> 1], mib.at(-1)]);
  }
  console.log(table(["resident, MiB", "least", "median", "most"], rows));
  reads.sort((a, b) => a - b);
  console.log(
    `\n${Math.round(result.rate)} requests/s, p99 ${result.p99.toFixed(1)} ms, longest ${Math.round(result.longest)} ms, ${result.refused} refused, ${result.broken} broken; ${reads.length} reads, median ${Math.round(reads[reads.length >> 1])} ms, longest ${Math.round(reads.at(-1))} ms`,
  );
}
