import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { startPlace } from "../machine.mjs";
import { parts, rounds, run } from "../measure.mjs";

export const title = "Growth";
const times = (pairs) => Math.min(pairs, 3);
export const minutes = (pairs) => 1 + 2 * times(pairs);

const inBench = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const command = (mode, events = 1) => [
  ...[process.execPath, inBench("small-build.mjs"), mode],
  ...["0", String(events)],
];

const crowds = [1, 10, 50, 200];

export async function measure({ pairs, say }) {
  const all = async (what, variants) => {
    const found = await rounds(times(pairs), variants, (step) => say(`${what}: ${step}`));
    return Object.fromEntries(Object.entries(found).map(([name, runs]) => [name, parts(runs)]));
  };
  const each = (numbers, work) => Object.fromEntries(numbers.map((n) => [n, () => work(n)]));
  const crowd = crowds.flatMap((builds) =>
    ["plain", "bare", "sendoff"].map((mode) => [`${builds} ${mode}`, () => atOnce(mode, builds)]),
  );
  return {
    queued: await all("events", each([1, 100, 10_000, 100_000], queued)),
    waiting: await all("batches that wait", each([1, 50, 500], waiting)),
    atOnce: await all("builds at once", Object.fromEntries(crowd)),
  };
}

/** Of these a tracker takes 10,000, and the spool one mebibyte. */
async function queued(events) {
  return await inPlace(async (place) => {
    const { stdout } = await run(command("sendoff", events), place);
    return { ...timesIn(stdout), ...(await sent(place)) };
  });
}

async function waiting(batches) {
  return await inPlace(async (place) => {
    await fillSpool(place, batches);
    const { stdout } = await run(command("sendoff"), place);
    return { ...timesIn(stdout), ...(await sent(place)) };
  });
}

/** Wall time until the last has ended, a build; a process that nobody waits for is no build. */
async function atOnce(mode, builds) {
  return await inPlace(async (place) => {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: builds }, () => run(command(mode), place)));
    const each = (performance.now() - startedAt) / builds;
    if (mode === "bare") await place.usage(builds);
    return { each, ...(mode === "sendoff" && (await sent(place))) };
  });
}

async function inPlace(work) {
  const place = await startPlace();
  try {
    return await work(place);
  } finally {
    await place.remove();
  }
}

function timesIn(stdout) {
  const { record, write, spawn } = JSON.parse(stdout);
  return { record, flush: write + spawn };
}

async function sent({ receiver, usage }) {
  const senders = (await usage()).length;
  const { requests, uniqueEvents } = receiver;
  const bytes = requests.reduce((sum, { body }) => sum + body.length, 0);
  return { senders, requests: requests.length, events: uniqueEvents.length, bytes };
}

/** What one build has left, as often as asked for, each time with ids of its own. */
async function fillSpool({ env, home }, batches) {
  // In the place of a sender something that takes nothing.
  await run(command("sendoff"), { env: { ...env, SENDOFF_BENCH_SENDER: inBench("empty.mjs") } });
  rmSync(path.join(home.stateFolder("acme"), "sender.lock"), { force: true });
  const spool = path.join(home.stateFolder("acme"), "spool");
  const [name] = readdirSync(spool);
  const text = readFileSync(path.join(spool, name), "utf8");
  const batch = JSON.parse(text);
  for (let i = 1; i < batches; i++) {
    const batchId = randomUUID();
    const events = batch.content.events.map((event) => ({ ...event, id: randomUUID() }));
    const copy = { ...batch, batchId, content: { ...batch.content, events } };
    const file = path.join(spool, name.replace(batch.batchId, batchId));
    writeFileSync(file, text.replace(JSON.stringify(batch), JSON.stringify(copy)), { mode: 0o600 });
  }
}

export function tables({ queued, waiting, atOnce }, { table, spread }) {
  const counts = (row) =>
    ["senders", "requests", "events", "bytes"].map((part) => row[part].median.toFixed(0));
  const sentHead = ["senders", "requests", "events sent", "bytes"];
  const build = (what, rows) =>
    table(
      [what, "record, ms", "flush and exit hook, ms", ...sentHead],
      Object.entries(rows).map(([n, row]) => [
        n,
        spread(row.record, 2),
        spread(row.flush, 2),
        ...counts(row),
      ]),
    );
  const crowd = crowds.map((n) => {
    const [plain, bare, sendoff] = ["plain", "bare", "sendoff"].map(
      (mode) => atOnce[`${n} ${mode}`],
    );
    const adds = (other) => (other.each.median - plain.each.median).toFixed(1);
    return [String(n), spread(plain.each), adds(bare), adds(sendoff), ...counts(sendoff)];
  });
  return [
    ...build("events", queued),
    "",
    ...build("batches that wait", waiting),
    "",
    ...table(["builds at once", "a build, ms", "bare adds", "sendoff adds", ...sentHead], crowd),
  ];
}
