// `node bench/fleet/main.mjs`: a million installations through an outage of the endpoint, with the
// client's own back-off code, beside clients that do otherwise. Writes bench/fleet/results.json and
// docs/fleet.svg, from which docs/scale.md tells. Two minutes; the same seed gives the same numbers.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { clientCode } from "./client-code.mjs";
import { createClients } from "./clients.mjs";
import { createEndpoint } from "./endpoint.mjs";
import { createFleet } from "./fleet.mjs";
import { createPeople } from "./people.mjs";
import { picture } from "./picture.mjs";
import { createRandom } from "./random.mjs";

const { values } = parseArgs({
  options: {
    installations: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    out: { type: "string" },
  },
});
const installations = Number(values.installations);
const hour = 3600;
const seconds = 6 * 24 * hour;
/** From the afternoon of Europe and the morning of America on: the busiest six hours there are. */
const outage = { from: 37 * hour, to: 43 * hour };
const bucket = 300;

const { backoffMs, ...limits } = await clientCode();
const seed = Number(values.seed);
const people = createPeople(installations, createRandom(seed));
const clients = createClients({ limits, backoffMs, random: createRandom(seed + 1) });
// Three times what comes in its busiest hour: enough for every day, not for a stampede.
// A sender's six at once have to fit in, however small the fleet.
const capacity = Math.max(60, Math.round((people.buildsADay / 24 / hour) * 2.2 * 3));

const worlds = [
  { name: "normal", client: clients[0], outage: undefined },
  ...clients.map((client) => ({ name: client.name, client, outage })),
].map((world) => {
  const endpoint = createEndpoint({ seconds, capacity, outage: world.outage });
  const fleet = createFleet({ client: world.client, endpoint, installations, seconds });
  return { ...world, endpoint, fleet, waiting: [], atEnd: 0 };
});

for (let second = 0; second < seconds; second++) {
  for (const { fleet } of worlds) fleet.tick(second);
  // The same builds for all of them.
  for (const who of people.buildsIn(second)) {
    for (const { fleet } of worlds) fleet.build(who, second);
  }
  if (second % bucket === 0) {
    for (const { fleet, waiting } of worlds) waiting.push(fleet.sums.waiting);
  }
  if (process.stderr.isTTY && second % hour === 0) {
    process.stderr.write(`\r\u001B[K  ${second / hour} of ${seconds / hour} hours`);
  }
}
if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");

const [normal] = worlds;
const perMinute = (load, from, to) => {
  const sums = [];
  for (let at = from; at < to; at += 60) {
    sums.push(load.subarray(at, at + 60).reduce((sum, n) => sum + n, 0) / 60);
  }
  return sums;
};
const normalPeak = Math.max(...perMinute(normal.endpoint.load, 0, seconds));

const results = worlds.map(({ client, endpoint, fleet, name, waiting }) => {
  const { load } = endpoint;
  const buckets = [];
  for (let at = 0; at < seconds; at += bucket) {
    buckets.push(load.subarray(at, at + bucket).reduce((sum, n) => sum + n, 0) / bucket);
  }
  const peakIn = (from, to) => Math.max(...perMinute(load, from, to)) / normalPeak;
  const atReturn = waiting[outage.to / bucket];
  const normalWaiting = (i) => normal.waiting[i];
  const hoursUntil = (share) => {
    const i = waiting.findIndex(
      (count, at) =>
        at * bucket >= outage.to && count - normalWaiting(at) <= atReturn * (1 - share),
    );
    return i === -1 ? null : (i * bucket - outage.to) / hour;
  };
  const { delivered, lost, recorded } = fleet.sums;
  return {
    ...{ name, words: client.words, recorded, delivered, lost, stillWaiting: fleet.sums.waiting },
    peakInOutage: round(peakIn(outage.from, outage.to)),
    peakAfter: round(peakIn(outage.to, seconds)),
    busiestSecondAfter: load.subarray(outage.to).reduce((most, n) => Math.max(most, n), 0),
    requestsInOutage: load.subarray(outage.from, outage.to).reduce((sum, n) => sum + n, 0),
    waitingAtReturn: atReturn,
    hoursUntilHalf: name === "normal" ? null : hoursUntil(0.5),
    hoursUntil99: name === "normal" ? null : hoursUntil(0.99),
    load: buckets.map(round),
    waiting,
  };
});

const found = {
  ...{ installations, seed, seconds, bucket, outage, capacity },
  buildsADay: Math.round(people.buildsADay),
  normalPeak: round(normalPeak),
  results,
};
const folder = new URL("./", import.meta.url);
const out = values.out ?? new URL("results.json", folder);
writeFileSync(out, `${JSON.stringify(found)}\n`);
if (!values.out) writeFileSync(new URL("../../docs/fleet.svg", folder), picture(found));

console.log(
  `${installations.toLocaleString("en")} installations, ${found.buildsADay.toLocaleString("en")} builds a day; at most ${found.normalPeak} requests a second, ${capacity} can be answered`,
);
console.table(
  Object.fromEntries(
    results.map(({ load: _load, name, waiting: _waiting, words: _words, ...rest }) => [name, rest]),
  ),
);

function round(value) {
  return Math.round(value * 100) / 100;
}
