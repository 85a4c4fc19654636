import { afterAll, beforeAll, expect, test } from "vitest";
import { readProduct } from "../../src/definitions/product.ts";
import { demoSchema } from "../../src/demo/product.ts";
import type { DistributionAnswer, QueryAnswer } from "../../src/query/api.ts";
import type { EventRow } from "../../src/rows/row.ts";
import { type Changes, exampleHash, exampleRow } from "../example-rows.ts";
import { makePlace, type Place } from "./place.ts";

/** Events that stand for several, and machines without an id, through a real store. */

const now = () => Date.parse("2026-11-30T12:00:00Z");
const period = "from=2026-10-26&to=2026-11-29";
const dayMs = 86_400_000;
const monday = Date.parse("2026-10-26T08:00:00Z");

const rows: EventRow[] = [];
function add(day: number, changes: Changes): void {
  const timestamp = monday + day * dayMs + (rows.length % 10_000) * 1000;
  rows.push(exampleRow(2_000_000 + rows.length, { fields: {}, ...changes, timestamp }));
}

function build(bundler: string, at: number): Partial<EventRow["build"]> {
  const success = at % 5 !== 0;
  const error = success ? null : "TypeError";
  return { bundler, success, duration: 100 + at * 7, errorType: error, errorPhase: null };
}

// Sampled: each of vite's stands for four, each of rspack's for fifty.
for (let at = 0; at < 600; at += 1) {
  const bundler = at % 3 === 0 ? "webpack" : "vite";
  const sampleRate = bundler === "vite" ? 0.25 : 1;
  const anonymousId = exampleHash(`sampled ${at % 90}`);
  add(at % 35, { anonymousId, sampleRate, build: build(bundler, at) });
}
// The smallest that can be shown hides what can't.
for (let at = 0; at < 50; at += 1) {
  add(at % 35, { anonymousId: exampleHash(`some ${at % 15}`), build: build("esbuild", at) });
}
for (let at = 0; at < 40; at += 1) {
  const anonymousId = exampleHash(`few ${at % 6}`);
  add(at % 35, { anonymousId, sampleRate: 0.02, build: build("rspack", at) });
}
for (let at = 0; at < 240; at += 1) {
  const [ciName, sampleRate] = at < 180 ? ["GitHub Actions", 1] : ["GitLab CI", 0.1];
  const meta = { isCI: true, ciName: ciName as string };
  const place = { place: "ci" as const, anonymousId: null, projectHash: null };
  add(at % 35, { ...place, sampleRate: sampleRate as number, meta, build: build("vite", at) });
}

/** Machines that mark their first event of a day, week and month, as clients without ids do. */
const seen = new Set<string>();
function isFirst(machine: string, step: string): boolean {
  const isNew = !seen.has(`${machine} ${step}`);
  seen.add(`${machine} ${step}`);
  return isNew;
}
function addUnnamed(day: number, machine: string, changes: Changes): void {
  const date = new Date(monday + day * dayMs).toISOString().slice(0, 10);
  add(day, {
    ...{ place: "none", anonymousId: null, projectHash: null, sessionId: null },
    firstOfDay: isFirst(machine, date),
    firstOfWeek: isFirst(machine, `week ${Math.floor(day / 7)}`),
    firstOfMonth: isFirst(machine, date.slice(0, 7)),
    ...changes,
  });
}
for (let day = 0; day < 35; day += 1) {
  for (let at = 0; at < 30; at += 1) {
    // More in the third week than in others.
    const machine = `machine ${(day * 7 + at) % (Math.floor(day / 7) === 2 ? 60 : 40)}`;
    addUnnamed(day, machine, { build: build(at % 2 === 0 ? "vite" : "webpack", at) });
  }
}
// Many builds of nine machines.
for (let at = 0; at < 300; at += 1) {
  addUnnamed(at % 35, `rollup ${at % 9}`, { build: build("rollup", at) });
}

let place: Place;
beforeAll(async () => {
  const product = { ...readProduct(demoSchema(), "the demo"), identity: "none" as const };
  place = await makePlace({ now, products: () => [product] });
  await place.write(rows);
});
afterAll(() => place.close());

const ask = (more: string): Promise<QueryAnswer> => place.json(`/query?${period}&${more}`);
const named = (answer: QueryAnswer) => new Map(answer.rows.map(([name, ...rest]) => [name, rest]));
const weighed = (some: readonly EventRow[]) =>
  Math.round(some.reduce((sum, { sampleRate }) => sum + 1 / sampleRate, 0));
const of = (where: EventRow["place"], bundler: string) =>
  rows.filter((row) => row.place === where && row.build.bundler === bundler);

test("counts of sampled events are by their rates, and marked; installations are those seen", async () => {
  const answer = await ask(
    "places=installation&by=bundler&measure=events,builds,failures,successRate,installations",
  );
  for (const bundler of ["vite", "webpack"]) {
    const its = of("installation", bundler);
    const failed = its.filter(({ build: { success } }) => !success);
    expect(named(answer).get(bundler)).toEqual([
      ...[weighed(its), weighed(its), weighed(failed)],
      1 - weighed(failed) / weighed(its),
      new Set(its.map(({ anonymousId }) => anonymousId)).size,
    ]);
  }
  const marked = answer.columns.filter(({ isApproximate }) => isApproximate);
  expect(marked.map(({ name }) => name)).toEqual(["events", "builds", "failures"]);
});

test("k counts who was seen: many events by six are six, and sixty of CI are no hundred", async () => {
  expect(weighed(of("installation", "rspack"))).toBe(2000);
  const answer = await ask("places=installation&by=bundler&measure=builds");
  expect([...named(answer).keys()]).not.toContain("rspack");
  expect(answer.folded.groups).toBeGreaterThan(0);
  const ci = await ask("places=ci&by=ciName&measure=builds");
  expect(ci.rows.flat()).not.toContain("GitLab CI");
});

test("a distribution's counts are by the rates, too", async () => {
  const answer: DistributionAnswer = await place.json(
    `/distribution?${period}&places=installation&field=duration&by=bundler`,
  );
  const group = answer.series.find((series) => series.group === "vite");
  const its = of("installation", "vite").filter(({ build: { success } }) => success);
  expect(group?.bins.length).toBeGreaterThan(1);
  expect(group?.bins.reduce((sum, { count }) => sum + count, 0)).toBe(weighed(its));
});

test("machines without an id are counted by their marks of the step that is asked for", async () => {
  const unnamed = rows.filter((row) => row.place === "none");
  const stepOf = {
    day: (row: EventRow) => row.day,
    week: (row: EventRow) =>
      new Date(monday + 7 * dayMs * Math.floor((row.timestamp - monday) / (7 * dayMs)))
        .toISOString()
        .slice(0, 10),
    month: (row: EventRow) => `${row.day.slice(0, 7)}-01`,
  };
  const flags = { day: "firstOfDay", week: "firstOfWeek", month: "firstOfMonth" } as const;
  const most: number[] = [];
  for (const step of ["day", "week", "month"] as const) {
    const expected = new Map<string, number>();
    for (const row of unnamed) {
      const key = stepOf[step](row);
      expected.set(key, (expected.get(key) ?? 0) + Number(row[flags[step]]));
    }
    const answer = await ask(`places=none&by=${step}&measure=installations`);
    expect(answer.rows).toEqual([...expected].sort());
    if (step !== "day") most.push(...expected.values());
  }
  // Over several months: as many as there are at least.
  const whole = await ask("places=none&measure=installations");
  expect(whole.rows).toEqual([[Math.max(...most)]]);
});

test("k counts machines without an id by their marks, however many builds they have", async () => {
  const answer = await ask("places=none&by=bundler&measure=builds");
  const groups = named(answer);
  expect([...groups.keys()]).not.toContain("rollup");
  expect(of("none", "rollup")).toHaveLength(300);
  // What hides them is in `other`, too.
  expect(groups.get("other")?.[0]).toBeGreaterThan(300);
  const narrowed = await ask("places=none&where.bundler=rollup&measure=builds");
  expect(narrowed).toMatchObject({ rows: [], folded: { isWithheld: true } });
});
