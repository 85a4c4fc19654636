import { afterAll, beforeAll, expect, test } from "vitest";
import { makePlace, type Place } from "./place.ts";

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => place.close());

test.each([
  ["product=nobody", "product=nobody is not known here: pass one of acme."],
  ["from=yesterday", "from=yesterday is no day: write it as "],
  ["to=2026-02-30", "to=2026-02-30 is no day"],
  ["from=2026-02-02&to=2026-02-01", "from=2026-02-02 is after to=2026-02-01: exchange them."],
  ["from=1999-01-01", "from=1999-01-01 is too early: ask for 3660 days at most."],
  ["by=nothing", "by=nothing is no dimension: pass day, week, month, place, or one of platform,"],
  ["by=anonymousId", "by=anonymousId is no dimension"],
  ["by=day,bundler,mode", "by=day,bundler,mode has 3 names: pass two at most."],
  ["by=day,week", "by=day,week has two steps of time: pass one."],
  ["by=mode,mode", "by=mode,mode has a name twice: pass it once."],
  ["by=day,features", "by=day,features has a list or map: pass that alone."],
  ["measure=p42", "measure=p42 is not known: pass some of events, builds,"],
  ["places=moon", "places=moon is not known: pass some of installation, ci, container, none"],
  ["event=build:gone", "event=build:gone is not known: pass some of build:completed,"],
  ["where.nothing=1", "where.nothing names no dimension: filter by one of platform,"],
  ["where.isWsl=maybe", "where.isWsl=maybe can't be: pass true or false."],
  ["where.cpuCores=many", "where.cpuCores=many is no number that can be: pass one, such as"],
  ["where.cpuCores=1e308", "where.cpuCores=1e308 is no number that can be: pass one, such as"],
  ["where.cpuCores=%20", "is no number that can be: pass one, such as where.cpuCores=8."],
  ["where.bundler=", "where.bundler has 0 values: pass 1 to 100"],
  ["limit=0", "limit=0 can't be: pass a whole number from 1 to 1000."],
  ["order=up", "order is no parameter: there are product, from, to,"],
  ["where.mode=a'); DROP TABLE events; --&by=x", "by=x is no dimension"],
])("%s is told with the fix", async (parameters, message) => {
  const answer = await place.get(`/query?${parameters}`);
  expect(answer.status).toBe(400);
  const { error } = (await answer.json()) as { error: string };
  expect(error).toContain(message);
});

test.each([
  ["field=bundler", "field=bundler is no number: pass one of "],
  ["by=day", "by=day is too much: pass one dimension"],
  ["bins=1000", "bins=1000 can't be: pass a whole number from 1 to 200."],
])("a distribution's %s is told with the fix", async (parameters, message) => {
  const answer = await place.get(`/distribution?${parameters}`);
  expect(answer.status).toBe(400);
  expect(((await answer.json()) as { error: string }).error).toContain(message);
});

test("values are never read as SQL", async () => {
  const text = encodeURIComponent("x'); DROP TABLE events; --");
  const answer = await place.json(`/query?where.bundler=${text}&by=mode`);
  expect(answer.rows).toEqual([]);
  expect((await place.json("/products")).products).toHaveLength(1);
});
