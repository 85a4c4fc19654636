import { afterAll, beforeAll, expect, test } from "vitest";
import type { EventRow } from "../../src/rows/row.ts";
import { makePlace, type Place } from "./place.ts";
import { historyOf } from "./rows.ts";

/** Questions about days whose raw events are gone are answered from daily aggregates. */

const now = new Date("2026-11-21T12:00:00Z");
const from = "2026-10-01";
const to = "2026-11-20";
const rows = historyOf({ seed: 4, count: 12_000, to, days: 60, installations: 900 });
const inPeriod = rows.filter(({ day, place }) => day >= from && place === "installation");

let place: Place;
beforeAll(async () => {
  place = await makePlace({ now: () => now.getTime(), retentionDays: 20 });
  await place.write(rows);
  const days = new Set(rows.map(({ day }) => day)).size;
  for (let known = 0; known < days; ) {
    await place.store.maintain(now);
    const [row] =
      (await place.store.reader?.rows("SELECT count(DISTINCT day) AS n FROM daily")) ?? [];
    known = Number(row?.n);
  }
});
afterAll(() => place.close());

const query = `/query?from=${from}&to=${to}`;
const count = (isIn: (row: EventRow) => boolean) => inPeriod.filter(isIn).length;

test("what adds up is there for any step; what doesn't says why", async () => {
  const answer = await place.json(`${query}&by=week&measure=builds,failures,installations,p95`);
  const [, builds, failures, installations, p95] = answer.columns;
  expect([builds.missing, failures.missing]).toEqual([undefined, undefined]);
  expect(installations.missing).toMatch(/^Raw events of these days are deleted/);
  expect(p95.missing).toMatch(/^Raw events of these days are deleted/);
  const sum = (index: number) =>
    answer.rows.reduce((total: number, row: number[]) => total + (row[index] as number), 0);
  expect(sum(1)).toBe(inPeriod.length);
  expect(sum(2)).toBe(count(({ build }) => build.success === false));
});

test("by day, installations and percentiles are those of the day", async () => {
  const answer = await place.json(`${query}&by=day&measure=builds,installations,p50`);
  expect(answer.rows).toHaveLength(51);
  for (const [day, builds, installations, p50] of answer.rows) {
    const its = inPeriod.filter((row) => row.day === day);
    const durations = its
      .filter(({ build }) => build.success)
      .map(({ build }) => Number(build.duration))
      .sort((a, b) => a - b);
    expect([builds, installations, p50]).toEqual([
      its.length,
      new Set(its.map(({ anonymousId }) => anonymousId)).size,
      durations[Math.ceil(durations.length / 2) - 1],
    ]);
  }
});

test("by a dimension, and narrowed down by the same", async () => {
  const answer = await place.json(`${query}&by=bundler&measure=builds`);
  for (const [bundler, builds] of answer.rows) {
    expect(builds).toBe(count(({ build }) => build.bundler === bundler));
  }
  const narrowed = await place.json(`${query}&where.bundler=webpack&measure=builds`);
  expect(narrowed.rows).toEqual([[count(({ build }) => build.bundler === "webpack")]]);
});

test.each([
  ["query", "by=bundler&where.mode=production"],
  ["query", "by=toolsCount"],
  ["distribution", "field=duration"],
])("/%s?%s can't be answered from aggregates, and says so", async (route, parameters) => {
  const answer = await place.get(`/${route}?from=${from}&to=${to}&${parameters}`);
  expect(answer.status).toBe(400);
  const { error } = (await answer.json()) as { error: string };
  expect(error).toMatch(/^from=2026-10-01 is before .* ask for fewer days/);
});
