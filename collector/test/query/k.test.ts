import fc from "fast-check";
import { expect, test } from "vitest";
import {
  behindOfHidden,
  foldedWithout,
  foldLine,
  type Group,
  groupsOf,
  nameOf,
} from "../../src/query/fold.ts";
import { foldLines } from "../../src/query/fold-lines.ts";
import { behind, type Filter, isGroupSafe, isSafe, type Part } from "../../src/query/k.ts";
import type { Place } from "../../src/rows/row.ts";

/** k over plain data, without a store. */

const part = (place: Place, events: number, people: number): Part => ({
  ...{ group: ["x"], within: [], place, events, people },
});

test.each([
  ["ten installations", [part("installation", 10, 10)], 10],
  ["ten builds of nine", [part("installation", 10, 9)], 9],
  ["the same ten in two parts", [part("installation", 5, 10), part("installation", 9, 10)], 10],
  ["99 builds in CI", [part("ci", 99, 0)], 9],
  ["60 and 40 builds in CI", [part("ci", 60, 0), part("ci", 40, 0)], 10],
  ["machines without ids, by their marks", [part("none", 50, 12)], 12],
  ["nobody", [], 0],
] as const)("%s", (_, parts, expected) => {
  expect(behind(parts)).toBe(expected);
});

test("each place needs enough, since places can be left out", () => {
  expect(isSafe([part("installation", 50, 20), part("ci", 5, 0)], 10)).toBe(false);
  expect(isSafe([part("installation", 50, 20), part("ci", 100, 0)], 10)).toBe(true);
});

/**
 * A population of a few installations over a few values, small enough to have many groups at the edge,
 * and answers to all questions about it, as src/query/answer.ts puts them together.
 */
interface Event {
  who: number;
  values: readonly [string, string, string];
}

const letters = ["a", "b", "c", "d", "other"] as const;
const events = fc.array(
  fc.record({
    who: fc.nat({ max: 24 }),
    values: fc.tuple(
      fc.constantFrom(...letters),
      fc.constantFrom(...letters.slice(0, 3)),
      fc.constantFrom(...letters.slice(0, 2)),
    ),
  }),
  { maxLength: 150, size: "max" },
) as fc.Arbitrary<Event[]>;

type Where = readonly [dimension: number, values: readonly string[]][];

interface Shown {
  question: string;
  by: readonly number[];
  where: Where;
  isOther: boolean;
  /** Of a line: of a table's, or of a question's with filters. */
  isOfLine: boolean;
  events: readonly Event[];
  /** What is known to be in it: every combination of values that it names, or doesn't name. */
  region: ReadonlySet<string>;
}

type Values = Event["values"];
const everyValues: Values[] = letters.flatMap((first) =>
  letters
    .slice(0, 3)
    .flatMap((second) => letters.slice(0, 2).map((third): Values => [first, second, third])),
);

const people = (some: Iterable<Event>) => new Set([...some].map(({ who }) => who)).size;

function filtersOf(where: Where): Filter[] {
  return where.map(([, values]) => ({ values: values.length, isOutcome: false }));
}

function partsOf(all: readonly Event[], dimensions: readonly number[], where: Where): Part[] {
  const parts = new Map<string, Event[]>();
  for (const event of all) {
    const group = dimensions.map((dimension) => event.values[dimension]);
    const within = where.map(
      ([dimension, values]) => values.indexOf(event.values[dimension] as string) + 1,
    );
    const key = JSON.stringify([group, within]);
    parts.set(key, [...(parts.get(key) ?? []), event]);
  }
  return [...parts].map(([key, its]) => {
    const [group, within] = JSON.parse(key);
    return { group, within, place: "installation", events: its.length, people: people(its) };
  });
}

async function foldOf(all: readonly Event[], by: readonly number[], where: Where, k: number) {
  const [parts, filters] = [partsOf(all, by, where), filtersOf(where)];
  const folds = foldedWithout(parts, filters, k);
  const nameIn = ({ values }: Event) => nameOf(by.map((dimension) => values[dimension] as string));
  const count = async (hidden: readonly Group[]) => {
    const names = new Set(hidden.map(({ values }) => nameOf(values)));
    const inside = all.filter(({ values }) =>
      where.every(([dimension, its]) => its.includes(values[dimension] as string)),
    );
    return people(inside.filter((event) => names.has(nameIn(event))));
  };
  const behindHidden = behindOfHidden(parts, filters, k, count);
  const isFolded = ({ values }: Group) => folds.has(nameOf(values));
  const folding = await foldLine(groupsOf(parts, filters, k), 1000, k, behindHidden, isFolded);
  return { ...folding, folds, behindHidden, isFolded };
}

async function answer(all: readonly Event[], by: readonly number[], where: Where, k: number) {
  const filters = filtersOf(where);
  const partsBy = (dimensions: readonly number[]) => partsOf(all, dimensions, where);
  const inside = all.filter(({ values }) =>
    where.every(([dimension, its]) => its.includes(values[dimension] as string)),
  );
  const nameIn = ({ values }: Event) => nameOf(by.map((dimension) => values[dimension] as string));
  const question = JSON.stringify({ by, where });
  const shown: Shown[] = [];
  const isInside = ({ values }: Event) =>
    where.every(([dimension, its]) => its.includes(values[dimension] as string));
  const show = (isIn: (event: Event) => boolean, isOther = false) => {
    const region = everyValues.filter((values) => {
      const event = { who: 0, values };
      return isInside(event) && isIn(event);
    });
    shown.push({
      ...{ question, by, where },
      isOther,
      isOfLine: by.length === 2 || where.length > 0,
      events: inside.filter(isIn),
      region: new Set(region.map((values) => values.join())),
    });
  };
  if (!isGroupSafe(partsBy([]), filters, k)) {
    return shown;
  }
  for (const [dimension, its] of where) {
    const others = where.filter((one) => one[0] !== dimension);
    const { hidden, shown: named, folds } = await foldOf(all, [dimension], others, k);
    const isAlone = named.length === 0 || (hidden.length === 1 && hidden[0]?.isSafe);
    const isHidden = hidden.some(({ values }) => its.includes(values[0] as string));
    if (its.some((value) => folds.has(value)) || (!isAlone && isHidden)) {
      return shown;
    }
  }
  show(() => true);
  const groups = groupsOf(partsBy(by), filters, k);
  const namesOf = (some: readonly Group[]) => new Set(some.map(({ values }) => nameOf(values)));
  if (by.length === 1) {
    const { shown: named, hidden } = await foldOf(all, by, where, k);
    const names = namesOf(named);
    for (const name of names) show((event) => nameIn(event) === name);
    if (hidden.length > 0) show((event) => !names.has(nameIn(event)), true);
  } else if (by.length === 2) {
    const [first, second] = by as [number, number];
    const { lines, rest } = await foldLines(
      groups,
      {
        lines: await foldOf(all, [first], where, k),
        columns: await foldOf(all, [second], where, k),
      },
      { limit: 1000, ...(await foldOf(all, by, where, k)), k },
    );
    for (const { value, shown: named, hidden } of lines) {
      const names = namesOf(named);
      for (const name of names) show((event) => nameIn(event) === name);
      const isRest = (event: Event) => event.values[first] === value && !names.has(nameIn(event));
      if (hidden.length > 0) show(isRest, true);
    }
    const named = lines.map(({ value }) => value);
    if (rest.length > 0) show(({ values }) => !named.includes(values[first] as string), true);
  }
  return shown;
}

/**
 * Whether one question groups by what the other has otherwise: as a filter, or beside another dimension.
 * What a line folds isn't held against such a question; docs/collector-api.md says so.
 */
function isAcross(a: Shown, b: Shown): boolean {
  if (a.by.join() === b.by.join()) return false;
  const crosses = (one: Shown, other: Shown) =>
    one.by.some((dimension) =>
      [...other.by, ...other.where.map(([its]) => its)].includes(dimension),
    );
  return crosses(a, b) || crosses(b, a);
}

const values = (from: readonly string[]) => fc.subarray([...from], { minLength: 1 });
const wheres: fc.Arbitrary<Where> = fc
  .tuple(fc.option(values(letters)), fc.option(values(letters.slice(0, 3))))
  .map(([first, second]) => [
    ...(first ? [[0, first] as [number, string[]]] : []),
    ...(second ? [[1, second] as [number, string[]]] : []),
  ]);

const bys = [[], [0], [1], [2], [0, 1], [1, 2], [0, 2]];
const runs = process.env.PROPERTIES === "long" ? 3000 : 150;

test("of two shown sums, the one less the other is of nobody, or of k installations", async () => {
  await fc.assert(
    fc.asyncProperty(
      events,
      fc.array(wheres, { maxLength: 4 }),
      fc.integer({ min: 2, max: 6 }),
      async (all, some, k) => {
        const shown: Shown[] = [];
        for (const where of [[], ...some] as Where[]) {
          for (const by of bys) {
            if (where.every(([dimension]) => !by.includes(dimension))) {
              shown.push(...(await answer(all, by, where, k)));
            }
          }
        }
        for (const a of shown) {
          expect(a.events.length === 0 || people(a.events) >= k).toBe(true);
          for (const b of shown) {
            const isRestOfLine = (a.isOther && a.isOfLine) || (b.isOther && b.isOfLine);
            if (isRestOfLine && isAcross(a, b)) continue;
            if (b.region.size < a.region.size && [...b.region].every((its) => a.region.has(its))) {
              const left = a.events.filter((event) => !b.events.includes(event));
              if (left.length > 0 && people(left) < k) {
                throw new Error(`${a.question} less ${b.question} is of ${people(left)}.`);
              }
            }
          }
        }
      },
    ),
    { numRuns: runs, seed: Number(process.env.PROPERTIES_SEED ?? 1) },
  );
});
