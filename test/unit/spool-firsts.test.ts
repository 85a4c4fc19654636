import { mkdirSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { FirstOf } from "../../src/spool/index.ts";
import { claimFirsts } from "../../src/spool/index.ts";
import { ownFolder } from "./own-folder.ts";

const folder = ownFolder();
const claim = (day: string, machine = "firsts") =>
  claimFirsts(folder.at(machine), `${day}T10:00:00.000Z`);
const first = (...periods: (keyof FirstOf)[]): FirstOf => ({
  day: periods.includes("day"),
  week: periods.includes("week"),
  month: periods.includes("month"),
});

describe("an event says what it is the first of", () => {
  test.each<[what: string, before: string[], day: string, expected: FirstOf | undefined]>([
    ["ever", [], "2026-03-04", first("day", "week", "month")],
    ["on that day already", ["2026-03-04"], "2026-03-04", undefined],
    ["in that week, but not the day", ["2026-03-04"], "2026-03-05", first("day")],
    ["on the Sunday of that week", ["2026-03-04"], "2026-03-08", first("day")],
    ["on the Monday after", ["2026-03-08"], "2026-03-09", first("day", "week")],
    ["in a week of two months", ["2026-03-31"], "2026-04-01", first("day", "month")],
    ["in a week of two years", ["2024-12-31"], "2025-01-01", first("day", "month")],
    [
      "in week 53, which the new year begins in",
      ["2026-12-31"],
      "2027-01-03",
      first("day", "month"),
    ],
    [
      "in week 1, which begins the year before",
      ["2025-12-29"],
      "2026-01-04",
      first("day", "month"),
    ],
    ["a late one, of yesterday", ["2026-03-04"], "2026-03-03", first("day")],
    [
      "a very late one, of which nobody knows any more",
      ["2026-03-02", "2026-03-09", "2026-03-16"],
      "2026-01-02",
      undefined,
    ],
  ])("%s", (_what, before, day, expected) => {
    for (const earlier of before) claim(earlier);
    expect(claim(day)).toEqual(expected);
  });
});

test("however long a machine is used, a few empty files are kept", () => {
  const start = Date.UTC(2026, 0, 1);
  for (let day = 0; day < 400; day++) {
    claim(new Date(start + day * 24 * 60 * 60 * 1000).toISOString().slice(0, 10));
  }
  expect(readdirSync(folder.at("firsts")).length).toBe(9);
});

/** The same fleet each time: a small generator of random numbers (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Independent of the code: the week is named by its Monday. */
function periodsOf(at: number): Record<keyof FirstOf, string> {
  const dayMs = 24 * 60 * 60 * 1000;
  const days = Math.floor(at / dayMs);
  const monday = days - ((days + 3) % 7);
  const iso = new Date(at).toISOString();
  return { day: iso.slice(0, 10), week: String(monday), month: iso.slice(0, 7) };
}

test("the sums over a fleet are the counts that ids tell: of each day, week and month", () => {
  const random = seeded(20_261_120);
  const start = Date.UTC(2025, 11, 1);
  const sums = new Map<string, number>();
  const ids = new Map<string, Set<number>>();
  let builds = 0;
  mkdirSync(folder.at("fleet"));
  for (let machine = 0; machine < 200; machine++) {
    const [from, chance] = [random() * 40, random() ** 4];
    for (let day = Math.floor(from); day < 70; day++) {
      if (random() > chance) continue;
      const today = Array.from({ length: 1 + Math.floor(random() * 4) }, random);
      for (const time of today.sort()) {
        const at = start + Math.floor((day + time) * 24 * 60 * 60 * 1000);
        const firstOf = claimFirsts(
          folder.at("fleet", String(machine)),
          new Date(at).toISOString(),
        );
        builds += 1;
        for (const [kind, name] of Object.entries(periodsOf(at))) {
          const key = `${kind} ${name}`;
          const isFirst = firstOf?.[kind as keyof FirstOf] === true;
          sums.set(key, (sums.get(key) ?? 0) + (isFirst ? 1 : 0));
          ids.set(key, (ids.get(key) ?? new Set()).add(machine));
        }
      }
    }
  }
  const counts = new Map([...ids].map(([key, machines]) => [key, machines.size]));
  expect(sums).toEqual(counts);
  console.log(`${builds} builds, ${counts.size} periods`);
}, 60_000);
