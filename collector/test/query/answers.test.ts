import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Column, QueryAnswer } from "../../src/query/api.ts";
import { startOf } from "../../src/query/days.ts";
import type { EventRow } from "../../src/rows/row.ts";
import { makePlace, type Place } from "./place.ts";
import { historyOf } from "./rows.ts";

/** The numbers of answers are those that plain code counts in the same rows. */

const to = "2026-11-20";
const rows = historyOf({ seed: 1, count: 20_000, to, days: 60, installations: 1500 });
const from = "2026-10-22";
const inPeriod = rows.filter(
  ({ day, place }) => day >= from && day <= to && place === "installation",
);

let place: Place;
beforeAll(async () => {
  place = await makePlace({ now: () => Date.parse("2026-11-21T12:00:00Z") });
  await place.write(rows);
});
afterAll(() => place.close());

const everyMeasure =
  "events,builds,failures,successRate,installations,projects,installationsHit,p50,p75,p95,p99";

function counted(some: readonly EventRow[]): Record<string, number | null> {
  const distinct = (values: (string | null)[]) => new Set(values.filter((value) => value)).size;
  const failed = some.filter(({ build }) => build.success === false);
  const durations = some
    .filter(({ build }) => build.success)
    .map(({ build }) => build.duration as number)
    .sort((a, b) => a - b);
  // The smallest value that at least such a share of all is not above.
  const quantile = (share: number) =>
    durations[Math.max(0, Math.ceil(durations.length * share) - 1)];
  const installations = distinct(some.map(({ anonymousId }) => anonymousId));
  return {
    events: some.length,
    builds: some.length,
    failures: failed.length,
    successRate: (some.length - failed.length) / some.length,
    installations,
    projects: distinct(some.map(({ projectHash }) => projectHash)),
    installationsHit: distinct(failed.map(({ anonymousId }) => anonymousId)) / installations,
    p50: quantile(0.5) ?? null,
    p75: quantile(0.75) ?? null,
    p95: quantile(0.95) ?? null,
    p99: quantile(0.99) ?? null,
  };
}

function read(answer: QueryAnswer): Record<string, unknown>[] {
  return answer.rows.map((row) =>
    Object.fromEntries(answer.columns.map(({ name }, index) => [name, row[index]])),
  );
}

function grouped(
  some: readonly EventRow[],
  keyOf: (row: EventRow) => unknown,
): Map<unknown, EventRow[]> {
  const groups = new Map<unknown, EventRow[]>();
  for (const row of some) {
    const key = keyOf(row);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

const query = `/query?product=acme&from=${from}&to=${to}`;

test("every measure of a period", async () => {
  const answer = await place.json(`${query}&measure=${everyMeasure}`);
  expect(answer.folded).toEqual({ groups: 0, isWithheld: false });
  expect(read(answer)).toEqual([counted(inPeriod)]);
});

describe("of more events than are counted one by one", () => {
  let many: Place;
  const history = { seed: 2, count: 40_000, to, days: 35, installations: 30_000 };
  const rows = historyOf(history).filter(({ day }) => day >= from);
  beforeAll(async () => {
    const now = () => Date.parse("2026-11-21T12:00:00Z");
    many = await makePlace({ now, exactUpTo: rows.length - 1 });
    await many.write(rows);
  });
  afterAll(() => many.close());
  const about = ["installations", "projects", "installationsHit"];

  test.each(["day", "week"] as const)(
    "installations and projects by %s are approximate, and say so",
    async (step) => {
      const answer = await many.json(`${query}&by=${step}&measure=${everyMeasure}`);
      const groups = grouped(
        rows.filter(({ place }) => place === "installation"),
        ({ day }) => (step === "day" ? day : startOf("week", day)),
      );
      expect(answer.rows).toHaveLength(groups.size);
      for (const { [step]: value, ...measured } of read(answer)) {
        const exact = counted(groups.get(value) ?? []);
        for (const name of about) {
          const ratio = Number(measured[name]) / Number(exact[name]);
          expect(Math.abs(ratio - 1), `${name} of ${value}`).toBeLessThan(0.03);
        }
        const others = Object.entries(measured).filter(([name]) => !about.includes(name));
        expect(exact).toMatchObject(Object.fromEntries(others));
      }
      const marked = answer.columns.filter(({ isApproximate }: Column) => isApproximate);
      expect(marked.map(({ name }: Column) => name)).toEqual(about);
    },
  );

  test.each(["", "&by=bundler", "&by=day,bundler"])("all others are exact: %s", async (by) => {
    const answer = await many.json(`${query}${by}&measure=installations,projects&limit=1000`);
    expect(answer.columns.some(({ isApproximate }: Column) => isApproximate)).toBe(false);
    const groups = grouped(
      rows.filter(({ place }) => place === "installation"),
      ({ day, build }) => (by.includes("day") ? `${day} ${build.bundler}` : build.bundler),
    );
    for (const { day, bundler, ...measured } of read(answer)) {
      const key = day === undefined ? bundler : `${day} ${bundler}`;
      const its = bundler === undefined ? [...groups.values()].flat() : groups.get(key);
      expect(counted(its ?? [])).toMatchObject(measured);
    }
  });
});

describe("groups", () => {
  test.each([
    ["day", (row: EventRow) => row.day],
    ["bundler", (row: EventRow) => row.build.bundler],
    ["memoryTotal", (row: EventRow) => row.meta.memoryTotal],
    ["isWsl", (row: EventRow) => row.meta.isWsl],
    ["agent", (row: EventRow) => row.meta.agent],
    ["toolsCount", (row: EventRow) => row.fields.toolsCount],
    ["typescript", (row: EventRow) => row.fields.typescript],
  ] as const)("by %s", async (by, keyOf) => {
    const answer = await place.json(`${query}&by=${by}&measure=${everyMeasure}`);
    const groups = grouped(inPeriod, keyOf);
    expect(answer.folded.groups).toBe(0);
    expect(answer.rows).toHaveLength(groups.size);
    for (const { [by]: value, ...measured } of read(answer)) {
      expect(measured).toEqual(counted(groups.get(value) ?? []));
    }
  });

  test("groups that fewer than k stand behind, and the smallest that hides them, are one", async () => {
    const week = "2026-11-14";
    const answer = await place.json(
      `/query?from=${week}&to=${to}&by=platform&measure=${everyMeasure}`,
    );
    const groups = grouped(
      inPeriod.filter(({ day }) => day >= week),
      ({ meta }) => meta.platform,
    );
    const bySize = [...groups].sort((a, b) => b[1].length - a[1].length);
    const [first, second, third, few] = bySize.map(([, some]) => some) as EventRow[][];
    expect(new Set(few?.map(({ anonymousId }) => anonymousId)).size).toBeLessThan(10);
    expect(answer.folded).toEqual({ groups: 2, isWithheld: false });
    expect(read(answer)).toEqual([
      { platform: bySize[0]?.[0], ...counted(first ?? []) },
      { platform: bySize[1]?.[0], ...counted(second ?? []) },
      { platform: "other", ...counted([...(third ?? []), ...(few ?? [])]) },
    ]);
  });

  test.each([
    ["day", 1000],
    ["week", 20],
    ["month", 8],
  ] as const)("by %s and version, with a row of what is folded for each", async (step, limit) => {
    const answer = await place.json(
      `${query}&by=${step},productVersion&measure=${everyMeasure}&limit=${limit}`,
    );
    const shown = read(answer);
    const startIn = ({ day }: EventRow) => (step === "day" ? day : startOf(step, day));
    const cells = grouped(inPeriod, (row) => `${startIn(row)} ${row.build.productVersion}`);
    expect(answer.folded.groups).toBeGreaterThan(3);
    for (const [start, rowsOfStep] of grouped(inPeriod, startIn)) {
      const its = shown.filter((row) => row[step] === start);
      const named = its.filter(({ productVersion }) => productVersion !== "other");
      for (const { [step]: _, productVersion, ...measured } of named) {
        expect(measured).toEqual(counted(cells.get(`${start} ${productVersion}`) ?? []));
      }
      const versions = named.map(({ productVersion }) => productVersion);
      const rest = rowsOfStep.filter(({ build }) => !versions.includes(build.productVersion));
      expect(its.slice(named.length)).toEqual(
        rest.length === 0 ? [] : [{ [step]: start, productVersion: "other", ...counted(rest) }],
      );
    }
  });

  // Sums are added up from the groups; for others the engine is asked for the rest.
  test.each([
    [1, `from=2026-11-14&to=${to}&by=platform`],
    [1, `from=${from}&to=${to}&by=productVersion&limit=3`],
    [2, `from=${from}&to=${to}&by=day,productVersion`],
    [2, `from=${from}&to=${to}&by=month,productVersion&limit=8`],
    [2, `from=2026-11-14&to=${to}&by=platform,bundler`],
    [2, `from=2026-11-14&to=${to}&by=platform,productVersion&limit=12`],
    [2, `from=${from}&to=${to}&by=productVersion,errorType&where.bundler=webpack,vite`],
  ])("sums alone are the same as beside other measures: %i, %s", async (dimensions, question) => {
    const sums = "events,builds,failures,successRate";
    const path = `/query?${question}&measure=`;
    const alone: QueryAnswer = await place.json(`${path}${sums}`);
    const beside: QueryAnswer = await place.json(`${path}${sums},installations`);
    expect(alone.rows.filter((row) => row.includes("other"))).not.toEqual([]);
    expect(alone.rows).toEqual(beside.rows.map((row) => row.slice(0, dimensions + 4)));
    expect(alone.folded).toEqual(beside.folded);
  });

  test("by the entries of a list and the keys of a map", async () => {
    const list = read(await place.json(`${query}&by=features&measure=builds,installations`));
    expect(list).toHaveLength(4);
    for (const { features, ...measured } of list) {
      const its = inPeriod.filter(({ fields }) =>
        (fields.features as unknown[]).includes(features),
      );
      const { builds, installations } = counted(its);
      expect(measured).toEqual({ builds, installations });
    }
    const map = read(await place.json(`${query}&by=filesByKind&measure=builds`));
    const withCss = inPeriod.filter(({ fields }) => "css" in (fields.filesByKind as object));
    // Every build has one: how many don't can't be known, so it may be shown.
    expect(map).toEqual([
      { filesByKind: "ts", builds: inPeriod.length },
      { filesByKind: "css", builds: withCss.length },
    ]);
  });
});

test("filters, of columns, fields, lists and keys of maps", async () => {
  const filters: [string, (row: EventRow) => boolean][] = [
    ["where.bundler=webpack,vite", ({ build }) => /webpack|vite/.test(build.bundler ?? "")],
    ["where.typescript=false", ({ fields }) => fields.typescript === false],
    ["where.features=auth", ({ fields }) => (fields.features as string[]).includes("auth")],
    ["where.toolsCount=3,4", ({ fields }) => [3, 4].includes(fields.toolsCount as number)],
    ["where.filesByKind.css=3", ({ fields }) => "css" in (fields.filesByKind as object)],
  ];
  for (const [parameter, isIn] of filters) {
    const answer = await place.json(`${query}&${parameter}&measure=${everyMeasure}`);
    expect(read(answer)).toEqual([counted(inPeriod.filter(isIn))]);
  }
  const both = `${filters[0]?.[0]}&${filters[1]?.[0]}`;
  const answer = await place.json(`${query}&${both}&measure=${everyMeasure}`);
  expect(read(answer)).toEqual([
    counted(inPeriod.filter((row) => filters.slice(0, 2).every(([, isIn]) => isIn(row)))),
  ]);
});

test("CI and containers apart", async () => {
  const every = "installation,ci,container,none";
  const answer = await place.json(`${query}&by=place&places=${every}&measure=builds,p50`);
  const all = rows.filter(({ day }) => day >= from && day <= to);
  const groups = grouped(all, (row) => row.place);
  expect(read(answer)).toEqual(
    ["installation", "ci", "container"].map((name) => {
      const { builds, p50 } = counted(groups.get(name) ?? []);
      return { place: name, builds, p50 };
    }),
  );
});

test("a filter that leaves fewer than k, or leaves fewer than k out, gives no numbers", async () => {
  const few = `from=2026-11-14&to=${to}&measure=${everyMeasure}`;
  for (const filter of ["where.platform=freebsd", "where.platform=linux,darwin,win32"]) {
    const answer = await place.json(`/query?${few}&${filter}`);
    expect(answer.rows).toEqual([]);
    expect(answer.folded.isWithheld).toBe(true);
    expect(answer.message).toMatch(/^Fewer than 10 installations stand behind this/);
  }
});

test("a distribution's bins hold what a count of the same rows does", async () => {
  const path = `/distribution?from=${from}&to=${to}`;
  const done = inPeriod.filter(({ build }) => build.success);
  const whole = await place.json(`${path}&field=duration&bins=24`);
  expect(whole.unit).toBe("ms");
  expect(whole.series[0].bins.length).toBeGreaterThan(10);
  for (const { bins } of whole.series) {
    let sum = 0;
    for (const { from: low, upTo, count } of bins) {
      const its = done.filter(
        ({ build: { duration } }) => low <= Number(duration) && Number(duration) < upTo,
      );
      expect(count).toBe(its.length);
      expect(new Set(its.map(({ anonymousId }) => anonymousId)).size).toBeGreaterThanOrEqual(10);
      sum += count;
    }
    expect(sum).toBe(done.length);
  }
  const two = await place.json(
    `${path}&by=productVersion&where.productVersion=1.9.0,1.10.0&field=duration`,
  );
  expect(two.series.map(({ group }: { group: string }) => group)).toEqual(["1.9.0", "1.10.0"]);
  for (const { group, bins } of two.series) {
    const its = done.filter(({ build }) => build.productVersion === group);
    const sum = bins.reduce((total: number, bin: { count: number }) => total + bin.count, 0);
    expect(sum).toBe(its.length);
  }
});

test("who stands behind bins is counted together: two versions of few builds have several", async () => {
  const few = await makePlace({ now: () => Date.parse("2026-11-21T12:00:00Z") });
  await few.write(historyOf({ seed: 9, count: 1_200, to, days: 28, installations: 400 }));
  const { series } = await few.json(
    `/distribution?from=${from}&to=${to}&by=productVersion&where.productVersion=1.9.0,1.10.0&field=duration`,
  );
  expect(series).toHaveLength(2);
  for (const { bins } of series) expect(bins.length).toBeGreaterThan(4);
  await few.close();
});

test("products, with the days they have events of, and what can be asked", async () => {
  const { products, k } = await place.json("/products");
  expect(k).toBe(10);
  const [product] = products;
  const days = rows.map(({ day }) => day).sort();
  expect(product).toMatchObject({ name: "acme", firstDay: days[0], lastDay: days.at(-1) });
  const kinds = Object.fromEntries(
    product.dimensions.map(({ name, kind }: { name: string; kind: string }) => [name, kind]),
  );
  expect(kinds).toMatchObject({
    ...{ platform: "category", isWsl: "boolean", memoryTotal: "number", duration: "number" },
    ...{ bundlerVersion: "version", features: "list", filesByKind: "map", transport: "category" },
    ...{ "filesByKind.ts": "number" },
  });
});
