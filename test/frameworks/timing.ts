import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { processesIn, senderGone } from "../e2e/harness.ts";
import { timePasses } from "../e2e/time-passes.ts";
import { installApp, setUpFor, type Variant } from "./app.ts";
import { type Framework, frameworks } from "./frameworks.ts";

/**
 * What telemetry costs the builds of real apps, with an endpoint that accepts and never answers and
 * a sender for every build: `FRAMEWORKS=next,astro npm run bench:frameworks`. Pairs of builds, one
 * with and one without, take `SECONDS` for each framework, or are `PAIRS`. The figures are printed;
 * what fails a run is a build that waited, which would take five seconds more.
 */
const seconds = Number(process.env.SECONDS ?? 60);
const pairsWanted = process.env.PAIRS === undefined ? undefined : Number(process.env.PAIRS);
const fewestPairs = 5;
const mostPairs = 41;
const goalPercent = 2;
const limitMs = 2500;

const rows: string[][] = [
  ["", "without", "with telemetry", "middle half", "share", `within ${goalPercent} %`, "pairs"],
];
afterAll(() => {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, i) => cell.padEnd(widths?.[i] ?? 0)).join("  ");
  console.log(rows.map(line).join("\n"));
});

describe.each(frameworks)("a build of the $name example", (framework) => {
  it("ends as soon as without telemetry while the endpoint hangs", async () => {
    const times = await timePairs(framework);
    const differences = times.told.map((told, pair) => told - (times.plain[pair] as number));
    const without = quantile(times.plain, 0.5);
    const [low, added, high] = [0.25, 0.5, 0.75].map((share) => quantile(differences, share));
    const share = (ms = 0) => (100 * ms) / without;
    rows.push([
      framework.name,
      `${without.toFixed(0)} ms`,
      `${signed(added)} ms`,
      `${signed(low)} to ${signed(high)} ms`,
      `${signed(share(added), 1)} %`,
      share(added) <= goalPercent ? "yes" : "no",
      String(differences.length),
    ]);
    expect(added).toBeLessThan(limitMs);
  });
});

async function timePairs(framework: Framework): Promise<Record<Variant, number[]>> {
  const app = await installApp(framework);
  onTestFinished(() => app.remove());
  const { env, home, receiver } = await setUpFor(app);
  receiver.behave("hang");
  await app.showNotice(env);
  const build = async (variant: Variant) => {
    const before = receiver.connections;
    const { duration } = await app.build(variant, env);
    if (variant === "told") {
      await expect.poll(() => receiver.connections, { timeout: 10_000 }).toBeGreaterThan(before);
    }
    // It would wait for an answer for ten seconds more.
    for (const pid of processesIn(home.path)) process.kill(pid, "SIGKILL");
    await senderGone(home.path);
    timePasses(home.stateFolder(app.product));
    return duration;
  };
  await build("plain");
  await build("told");
  const times: Record<Variant, number[]> = { plain: [], told: [] };
  const until = performance.now() + seconds * 1000;
  const isEnough = (pairs: number) =>
    pairsWanted === undefined
      ? pairs >= fewestPairs && (pairs >= mostPairs || performance.now() > until)
      : pairs >= pairsWanted;
  for (let pair = 0; !isEnough(pair); pair++) {
    // In turn first and second, so that neither profits from what the other has warmed.
    const order = pair % 2 ? (["told", "plain"] as const) : (["plain", "told"] as const);
    for (const variant of order) times[variant].push(await build(variant));
  }
  return times;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]] as [number, number];
  return below + (above - below) * (at % 1);
}

const signed = (value = 0, digits = 0) => `${value < 0 ? "" : "+"}${value.toFixed(digits)}`;
