import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { QueryAnswer } from "../../src/query/api.ts";
import { addDays, dayOf } from "../../src/query/days.ts";
import { leave, takeLeft } from "../../src/query/left-file.ts";
import { Queries } from "../../src/query/queries.ts";
import { createReady } from "../../src/query/ready.ts";
import { readyRoutes } from "../../src/query/routes.ts";
import { exampleRows } from "../example-rows.ts";
import { makePlace, type Place } from "./place.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let clock: number;
beforeEach(() => {
  clock = Date.parse("2026-11-25T12:00:00Z");
});

function collectRenewals(slowMs = 100) {
  const renewed: string[] = [];
  const ready = createReady({
    now: () => clock,
    slowMs,
    renew: async (path) => {
      renewed.push(path);
    },
  });
  return { ready, renewed };
}

test("only what took long is asked again, the one that has waited longest first, before it lapses", async () => {
  const { ready, renewed } = collectRenewals(0);
  ready.saw("/query?by=day&tag=1", 300);
  clock += 1000;
  ready.saw("/query?by=bundler", 300);
  await ready.turn();
  expect(renewed).toEqual([]);
  clock += 3 * MINUTE_MS;
  await ready.turn();
  await ready.turn();
  await ready.turn();
  expect(renewed).toEqual(["/query?by=day", "/query?by=bundler"]);

  const other = collectRenewals(500);
  other.ready.saw("/query?by=day", 300);
  clock += 3 * MINUTE_MS;
  await other.ready.turn();
  expect(other.renewed).toEqual([]);
});

test("it is asked again and again, however quick it is while nothing comes", async () => {
  const { ready, renewed } = collectRenewals();
  ready.saw("/query?by=day", 300);
  for (let round = 0; round < 3; round += 1) {
    clock += 3 * MINUTE_MS;
    await ready.turn();
  }
  expect(renewed).toHaveLength(3);
});

test("the last thirty days are others tomorrow, and ready then", async () => {
  const { ready, renewed } = collectRenewals(0);
  ready.saw("/query?from=2026-10-27&to=2026-11-25", 300);
  clock += DAY_MS;
  await ready.turn();
  expect(renewed).toEqual(["/query?from=2026-10-28&to=2026-11-26"]);
  // The same question, of a day later.
  ready.saw("/query?from=2026-10-28&to=2026-11-26", 1);
  expect(ready.asked()).toHaveLength(1);
});

test("after an erasure all are asked again", async () => {
  const { ready, renewed } = collectRenewals(0);
  ready.saw("/query?by=day", 300);
  ready.forget();
  await ready.turn();
  expect(renewed).toEqual(["/query?by=day"]);
});

test("what nobody has asked for three days is forgotten, and so is the oldest of many", async () => {
  const { ready, renewed } = collectRenewals(0);
  for (let number = 0; number < 100; number += 1) ready.saw(`/query?limit=${number}`, 300);
  expect(ready.asked().map(({ path }) => path)).toContain("/query?limit=99");
  expect(ready.asked()).toHaveLength(40);
  clock += 3 * DAY_MS + 1;
  await ready.turn();
  expect(renewed).toEqual([]);
  expect(ready.asked()).toEqual([]);
});

test("its pauses are fifty times as long as what it asks takes, and none goes on when it is over", async () => {
  let release = () => {};
  const signals: (AbortSignal | undefined)[] = [];
  const ready = createReady({
    now: () => clock,
    slowMs: 0,
    renew: (_, signal) => {
      signals.push(signal);
      return new Promise<void>((resolve) => {
        release = resolve;
        signal?.addEventListener("abort", () => resolve());
      });
    },
  });
  ready.saw("/query?by=day", 300);
  ready.forget();
  const pauseMs = ready.turn();
  await new Promise((resolve) => setTimeout(resolve, 100));
  release();
  expect(await pauseMs).toBeGreaterThan(4000);

  ready.forget();
  const stop = ready.run(() => true);
  await expect.poll(() => signals.length, { timeout: 20_000 }).toBe(2);
  await stop();
  expect(signals[1]?.aborted).toBe(true);
});

const today = dayOf(Date.now());
const lately = `from=${addDays(today, -3)}&to=${addDays(today, 1)}`;

let place: Place;
let folder: string;
beforeEach(async () => {
  // Far from midnight.
  clock = Date.parse(`${today}T12:00:00Z`);
  folder = mkdtempSync(join(tmpdir(), "sendoff-ready-"));
  place = await makePlace({ now: () => clock, k: 1, slowMs: 0, staleMs: 10 * MINUTE_MS });
});
afterEach(async () => {
  await place.close();
  rmSync(folder, { recursive: true });
});

async function buildsIn(answer: Response): Promise<unknown> {
  const { rows } = (await answer.json()) as QueryAnswer;
  return rows[0]?.[0];
}

test("a lapsed answer that is being renewed is given out, and the new one when it is there", async () => {
  const { routes, ready } = readyRoutes(place.queries, { slowMs: 0 });
  const ask = async (headers = {}) => {
    const answer = await routes.request(`/query?measure=builds&${lately}`, { headers });
    return buildsIn(answer);
  };
  await place.write(exampleRows(0, 100));
  expect(await ask()).toBe(100);
  await place.write(exampleRows(1000, 20));
  clock += 6 * MINUTE_MS;
  expect(await ask()).toBe(100);
  await ready.turn();
  expect(await ask()).toBe(120);

  // Whoever wants to know it now.
  await place.write(exampleRows(2000, 3));
  expect(await ask()).toBe(120);
  expect(await ask({ "cache-control": "no-cache" })).toBe(123);

  // Nothing renewed it.
  await place.write(exampleRows(3000, 4));
  clock += 11 * MINUTE_MS;
  expect(await ask()).toBe(127);
});

test("the next collector gives out what the last has left, until an erasure", async () => {
  const builds = async (queries: Queries) => {
    const { routes } = readyRoutes(queries, {});
    return buildsIn(await routes.request(`/query?measure=builds&${lately}`));
  };
  const rows = exampleRows(0, 100);
  await place.write(rows);
  expect(await builds(place.queries)).toBe(100);
  const database = join(folder, "telemetry.db");
  writeFileSync(database, "");
  const likeness = { version: "1.0.0", k: 1 };
  const { products } = await place.json("/products");
  expect(products).toHaveLength(1);
  leave(database, likeness, { kept: place.queries.slow(), asked: [] });
  expect(statSync(`${database}.answers`).mode & 0o777).toBe(0o600);
  await place.write(exampleRows(1000, 20));

  const { kept } = takeLeft(database, likeness);
  expect(readdirSync(folder)).toEqual(["telemetry.db"]);
  const { reader } = place.store;
  if (!reader) throw new Error("DuckDB has no reader.");
  const next = new Queries({
    ...{ reader, products: place.products, now: () => clock, k: 1 },
    ...{ slowMs: 0, staleMs: 10 * MINUTE_MS, kept },
  });
  expect(await builds(next)).toBe(100);
  const erased = rows[0]?.anonymousId as string;
  await place.store.erase(erased, new Date());
  next.forget();
  const left = [...rows, ...exampleRows(1000, 20)].filter((row) => row.anonymousId !== erased);
  expect(await builds(next)).toBe(left.length);
});

test("what is left of other settings, or beside another database, is deleted and not given out", () => {
  const database = join(folder, "telemetry.db");
  const left = {
    kept: [],
    asked: [{ path: "/query?", day: dayOf(clock), usedAt: clock, madeAt: clock }],
  };
  const none = { kept: [], asked: [] };
  const settings = { k: 10 };
  const again = () => leave(database, settings, left);
  writeFileSync(database, "");
  again();
  expect(takeLeft(database, settings)).toEqual(left);
  expect(takeLeft(database, settings)).toEqual(none);
  again();
  expect(takeLeft(database, { k: 20 })).toEqual(none);
  again();
  writeFileSync(database, "other");
  expect(takeLeft(database, settings)).toEqual(none);
  again();
  writeFileSync(`${database}.answers`, "{");
  expect(takeLeft(database, settings)).toEqual(none);
  expect(readdirSync(folder)).toEqual(["telemetry.db"]);
});
