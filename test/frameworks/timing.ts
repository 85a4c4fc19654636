import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
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
 *
 * Beside the clock stands the processor time of the build and of all processes that it has waited
 * for, the sender not among them: other work on the machine changes it less. A median of few pairs
 * says little: whether it is within the goal is told of the interval that holds it in 95 of 100
 * runs, and not where the goal lies in between.
 */
const seconds = Number(process.env.SECONDS ?? 60);
const pairsWanted = process.env.PAIRS === undefined ? undefined : Number(process.env.PAIRS);
/** With fewer, no interval holds the median in 95 of 100 runs. */
const fewestPairs = 6;
const mostPairs = 41;
const goalPercent = 2;
const limitMs = 2500;

/** Milliseconds: by the clock, and user's and system's of the processors. */
interface Taken {
  clock: number;
  processor: number;
}

const rows: string[][] = [
  ["", "without", "added", "95 %", "middle half", "share", `within ${goalPercent} %`, "pairs"],
];
afterAll(() => {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, i) => cell.padEnd(widths?.[i] ?? 0)).join("  ");
  console.log(rows.map(line).join("\n"));
});

describe.each(frameworks)("a build of the $name example", (framework) => {
  it("ends as soon as without telemetry while the endpoint hangs", async () => {
    const { plain, told } = await timePairs(framework);
    const of = (builds: readonly Taken[], by: keyof Taken) => builds.map((taken) => taken[by]);
    rows.push(
      rowOf(`${framework.name}, clock`, of(plain, "clock"), of(told, "clock")),
      rowOf("processor", of(plain, "processor"), of(told, "processor")),
    );
    const clock = differencesOf(of(plain, "clock"), of(told, "clock"));
    expect(quantile(clock, 0.5)).toBeLessThan(limitMs);
  });
});

function rowOf(title: string, plain: readonly number[], told: readonly number[]): string[] {
  const differences = differencesOf(plain, told);
  const without = quantile(plain, 0.5);
  const goal = (goalPercent / 100) * without;
  const added = quantile(differences, 0.5);
  const [low, high] = [0.25, 0.75].map((share) => quantile(differences, share));
  const [from, to] = intervalOfMedian(differences);
  return [
    title,
    `${without.toFixed(0)} ms`,
    `${signed(added)} ms`,
    `${signed(from)} to ${signed(to)} ms`,
    `${signed(low)} to ${signed(high)} ms`,
    `${signed((100 * added) / without, 1)} %`,
    to <= goal ? "yes" : from > goal ? "no" : "can't tell",
    String(differences.length),
  ];
}

const differencesOf = (plain: readonly number[], told: readonly number[]): number[] =>
  told.map((value, pair) => value - (plain[pair] as number));

async function timePairs(framework: Framework): Promise<Record<Variant, Taken[]>> {
  const app = await installApp(framework);
  onTestFinished(() => app.remove());
  const { env, home, receiver } = await setUpFor(app);
  receiver.behave("hang");
  await app.showNotice(env);
  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-timing-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const timed = path.join(folder, "processor");
  const build = async (variant: Variant): Promise<Taken> => {
    const before = receiver.connections;
    const by = ["bash", "-c", timesProcessor, timed];
    const { duration: clock } = await app.build(variant, env, by);
    if (variant === "told") {
      await expect.poll(() => receiver.connections, { timeout: 10_000 }).toBeGreaterThan(before);
    }
    // It would wait for an answer for ten seconds more.
    for (const pid of processesIn(home.path)) process.kill(pid, "SIGKILL");
    await senderGone(home.path);
    timePasses(home.stateFolder(app.product));
    const [user = 0, system = 0] = readFileSync(timed, "utf8").split(" ").map(Number);
    return { clock, processor: 1000 * (user + system) };
  };
  await build("plain");
  await build("told");
  const times: Record<Variant, Taken[]> = { plain: [], told: [] };
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

/** Runs its arguments, and writes seconds of user and system into a file that is its name. */
const timesProcessor = `TIMEFORMAT="%U %S"; { time "$@" 2>&3 3>&-; } 3>&2 2>"$0"`;

/**
 * In 95 of 100 runs the median of all there could be lies in here, whatever they are spread like: each
 * pair is above it or below with the same chance.
 */
function intervalOfMedian(values: readonly number[]): [from: number, to: number] {
  const sorted = values.toSorted((a, b) => a - b);
  const { length } = sorted;
  let below = 0;
  let chance = 0.5 ** length;
  for (let sum = chance; sum <= 0.025; sum += chance) {
    below += 1;
    chance *= (length - below + 1) / below;
  }
  const outermost = Math.max(0, below - 1);
  return [sorted[outermost], sorted[length - 1 - outermost]] as [number, number];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]] as [number, number];
  return below + (above - below) * (at % 1);
}

const signed = (value = 0, digits = 0) => `${value < 0 ? "" : "+"}${value.toFixed(digits)}`;
