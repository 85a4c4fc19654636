import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readProduct } from "../../src/definitions/product.ts";
import { demoSchema } from "../../src/demo/product.ts";
import type { DistributionAnswer, QueryAnswer } from "../../src/query/api.ts";
import type { EventRow } from "../../src/rows/row.ts";
import { exampleHash, exampleRow } from "../example-rows.ts";
import { makePlace, type Place } from "./place.ts";

/**
 * Bins of distributions, with filters and by groups, through a real store: whatever one shows less what
 * another shows is of nobody, or of k installations. Small populations, a product each, in one store.
 */

const k = 4;
const populations = process.env.PROPERTIES === "long" ? 30 : 12;
const bundlers = ["vite", "webpack", "rspack"];
const platforms = ["linux", "darwin"];
const durations = [0, 3, 50, 60, 75, 90, 110, 400, 420, 2000, 30_000];

const population = fc.array(
  fc.record({
    who: fc.nat({ max: 14 }),
    bundler: fc.constantFrom(...bundlers),
    platform: fc.constantFrom(...platforms),
    duration: fc.constantFrom(...durations),
    success: fc.boolean(),
  }),
  { minLength: 20, maxLength: 160, size: "max" },
);
const seed = Number(process.env.PROPERTIES_SEED ?? 1);
const samples = fc.sample(population, { numRuns: populations, seed });

const rows = samples.map((some, at) =>
  some.map(({ who, bundler, platform, duration, success }, index) => {
    const number = 5_000_000 + at * 1000 + index;
    return exampleRow(number, {
      timestamp: Date.parse("2026-11-20T10:00:00Z"),
      product: `acme-${at}`,
      eventName: success ? "build:completed" : "build:failed",
      anonymousId: exampleHash(`who ${who}`),
      fields: {},
      meta: { platform },
      build: { bundler, duration, success, errorPhase: null, errorType: null },
    });
  }),
);

let place: Place;
beforeAll(async () => {
  const demo = readProduct(demoSchema(), "the demo");
  place = await makePlace({
    now: () => Date.parse("2026-11-21T12:00:00Z"),
    k,
    products: () => samples.map((_, at) => ({ ...demo, name: `acme-${at}` })),
  });
  await place.write(rows.flat());
});
afterAll(() => place.close());

interface Shown {
  what: string;
  isBinned: boolean;
  by: string;
  where: Where;
  count: number;
  isIn(row: EventRow): boolean;
  /** All that could be in it: each bundler, platform and duration. */
  region: ReadonlySet<string>;
}

type Where = Record<string, readonly string[]>;
const wheres: Where[] = [
  {},
  ...bundlers.map((bundler) => ({ bundler: [bundler] })),
  { bundler: ["vite", "webpack"] },
  ...platforms.map((platform) => ({ platform: [platform] })),
  { bundler: ["vite"], platform: ["linux"] },
];
const textOf = ({ meta, build }: EventRow, name: string) =>
  String(name === "platform" ? meta.platform : build.bundler);

const every = bundlers.flatMap((bundler) =>
  platforms.flatMap((platform) =>
    durations.map((duration) =>
      exampleRow(1, { meta: { platform }, build: { bundler, duration, success: true } }),
    ),
  ),
);

async function shownOf(product: string): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (const where of wheres) {
    const filters = Object.entries(where).map(([name, values]) => `where.${name}=${values}`);
    const isInside = (row: EventRow) =>
      Object.entries(where).every(([name, values]) => values.includes(textOf(row, name)));
    for (const by of ["", "bundler", "platform"].filter((name) => !(name in where))) {
      const asked = [`product=${product}`, "from=2026-11-20&to=2026-11-20", ...filters];
      const show = (what: string, count: number, isIn: (row: EventRow) => boolean) => {
        const region = new Set(every.flatMap((row, at) => (isIn(row) ? [String(at)] : [])));
        const isBinned = what.startsWith("/distribution");
        shown.push({ what, count, isIn, region, isBinned, by, where });
      };
      if (by !== "") asked.push(`by=${by}`);
      for (const bins of [40, 3]) {
        const path = `/distribution?${[...asked, "field=duration", `bins=${bins}`].join("&")}`;
        const { series }: DistributionAnswer = await place.json(path);
        for (const { group, bins: its } of series) {
          for (const { from, upTo, count } of its) {
            const isIn = (row: EventRow) => {
              const duration = Number(row.build.duration);
              return from <= duration && duration < upTo;
            };
            show(
              `${path} ${group} ${from}`,
              count,
              (row) => isInside(row) && isIn(row) && (group === null || textOf(row, by) === group),
            );
          }
        }
      }
      const path = `/query?${[...asked, "where.success=true", "measure=builds"].join("&")}`;
      const answer: QueryAnswer = await place.json(path);
      for (const row of answer.rows) {
        if (row.includes("other")) continue;
        const [group] = row;
        show(
          `${path} ${group}`,
          Number(row.at(-1)),
          (one) => isInside(one) && (by === "" || textOf(one, by) === group),
        );
      }
    }
  }
  return shown;
}

const people = (some: readonly EventRow[]) =>
  new Set(some.map(({ anonymousId }) => anonymousId)).size;

/**
 * Bins of a question by a dimension, and of one that filters on it: each has edges of its own, and what
 * lies between those can be of few. docs/collector.md says so.
 */
function haveOwnEdges(a: Shown, b: Shown): boolean {
  return a.isBinned && b.isBinned && (a.by in b.where || b.by in a.where);
}

test("a bin is of nobody or of k installations, and so is what is left without it", async () => {
  let [pairs, bins] = [0, 0];
  const problems: string[] = [];
  for (const [at, all] of rows.entries()) {
    const done = all.filter(({ build }) => build.success);
    const shown = (await shownOf(`acme-${at}`)).map((one) => ({
      ...one,
      rows: done.filter(one.isIn),
    }));
    for (const a of shown) {
      bins += 1;
      expect(a.count, a.what).toBe(a.rows.length);
      if (a.count > 0 && people(a.rows) < k) problems.push(`${a.what} is of ${people(a.rows)}`);
      for (const b of shown) {
        if (b.region.size >= a.region.size || ![...b.region].every((one) => a.region.has(one))) {
          continue;
        }
        if (haveOwnEdges(a, b)) continue;
        pairs += 1;
        const left = a.rows.filter((row) => !b.isIn(row));
        if (left.length > 0 && people(left) < k) {
          problems.push(`${a.what} less ${b.what} is of ${people(left)}`);
        }
      }
    }
  }
  expect(problems).toEqual([]);
  expect(bins).toBeGreaterThan(populations * 20);
  expect(pairs).toBeGreaterThan(bins);
}, 600_000);
