import { afterAll, beforeAll, expect, test } from "vitest";
import { readProduct } from "../../src/definitions/product.ts";
import { demoSchema } from "../../src/demo/product.ts";
import type { NewSinceAnswer } from "../../src/query/api.ts";
import { Queries } from "../../src/query/queries.ts";
import { queryRoutes } from "../../src/query/routes.ts";
import type { EventRow } from "../../src/rows/row.ts";
import { makePlace, type Place } from "./place.ts";
import { historyOfVersions, versions } from "./versions.ts";

/** What a version broke, beside what plain code finds in the same rows. */

const now = () => Date.parse("2026-11-21T12:00:00Z");
const first = Date.parse("2026-10-01T00:00:00Z");
const rows = historyOfVersions({ first, product: "acme" });
let place: Place;
beforeAll(async () => {
  place = await makePlace({ now });
  await place.write(rows);
});
afterAll(() => place.close());

const period = "from=2026-10-01&to=2026-11-20";
const ask = async (since: string, more = ""): Promise<NewSinceAnswer> =>
  place.json(`/new?${period}&since=${since}&measure=failures,installations${more}`);

/** Phase, type, failures, installations of each, the most first. */
function found(since: string, isIn = (_: EventRow) => true) {
  const firsts = new Map<string, number>();
  for (const { timestamp, build } of rows) {
    const version = build.productVersion as string;
    firsts.set(version, Math.min(firsts.get(version) ?? timestamp, timestamp));
  }
  const isLater = ({ build }: EventRow) =>
    (firsts.get(build.productVersion as string) as number) >= (firsts.get(since) as number);
  const failed = rows.filter(({ build }) => build.success === false);
  const nameIn = ({ build }: EventRow) => `${build.errorPhase} ${build.errorType}`;
  const before = new Set(failed.filter((row) => !isLater(row)).map(nameIn));
  const groups = new Map<string, EventRow[]>();
  for (const row of failed.filter((one) => isLater(one) && one.place === "installation")) {
    if (!before.has(nameIn(row)) && isIn(row)) {
      groups.set(nameIn(row), [...(groups.get(nameIn(row)) ?? []), row]);
    }
  }
  return [...groups]
    .map(([name, its]) => [
      ...name.split(" "),
      ...[its.length, new Set(its.map(({ anonymousId }) => anonymousId)).size],
    ])
    .sort((a, b) => Number(b[2]) - Number(a[2]));
}

test("where k is one: all errors that no version before had, and no other", async () => {
  const routes = queryRoutes(
    new Queries({
      ...{ reader: place.queries.reader, now, k: 1 },
      products: () => [readProduct(demoSchema(), "the demo")],
    }),
  );
  for (const since of ["1.9.0", "1.10.0", "1.9.1"]) {
    for (const filter of ["", "&where.bundler=vite"]) {
      const answer = (await (
        await routes.request(
          `/new?${period}&since=${since}&measure=failures,installations${filter}`,
        )
      ).json()) as NewSinceAnswer;
      const isIn = ({ build }: EventRow) => filter === "" || build.bundler === "vite";
      expect(answer.rows).toEqual(found(since, isIn));
      expect(answer.earlier).toBe(Object.keys(versions).indexOf(since));
    }
  }
});

test("with k: those that enough have met, by the same numbers", async () => {
  const answer = await ask("1.10.0");
  expect(answer).toMatchObject({
    ...{ product: "acme", since: "1.10.0", versions: ["1.10.0", "1.9.1"], earlier: 2, k: 10 },
    ...{ from: "2026-10-01", to: "2026-11-20" },
  });
  const enough = found("1.10.0").filter(([, , , people]) => Number(people) >= 10);
  expect(enough).toHaveLength(2);
  expect(answer.rows).toEqual(enough);
  // Four have met it: folded.
  expect(found("1.10.0").map(([, type]) => type)).toContain("RangeError");
  expect(answer.folded.groups).toBeGreaterThan(0);
});

test("a fix of an old line is a later version; the first has none before", async () => {
  expect((await ask("1.9.1")).rows).toEqual(found("1.9.1"));
  const oldest = await ask("1.8.0");
  expect(oldest.rows).toEqual([]);
  expect(oldest.message).toMatch(/no version that was seen before 1.8.0/);
});

test("few stand behind a version, or those before: withheld", async () => {
  const few = await ask("1.10.0", "&where.bundlerVersion=0.0.1");
  expect(few).toMatchObject({ rows: [], folded: { isWithheld: true } });
  expect(few.message).toMatch(/^Fewer than 10 installations/);
});

test("as a file, and what can't be asked is told with the fix", async () => {
  const file = await place.get(`/export?${period}&since=1.9.1&measure=failures&format=csv`);
  const [row] = found("1.9.1");
  expect(await file.text()).toBe(
    `errorPhase,errorType,failures\r\n${row?.slice(0, 3).join(",")}\r\n`,
  );
  for (const [path, message] of [
    ["/new", /^since is missing/],
    ["/new?since=1.9.0&by=bundler", /^by can't be beside since/],
    ["/new?since=1.9.0&where.success=true", /^where.success can't be beside since/],
  ] as const) {
    const answer = await place.get(path);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: string }).error).toMatch(message);
  }
});
