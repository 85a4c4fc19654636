import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runDemo } from "../../src/demo/demo.ts";
import { fillStore } from "../../src/demo/fill.ts";
import { multiply } from "../../src/store/duckdb/multiply.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import type { Store } from "../../src/store/store.ts";

const history = { seed: 3, events: 6000, installations: 2000, end: new Date() };

async function openStore() {
  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-demo-"));
  const file = path.join(folder, "demo.db");
  const store = await openDuckDb({ file });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  await store.ready;
  return { file, store };
}

const sums = async (store: Store) => {
  const columns = ["id", "anonymousId", "day"].map((name) => `count(DISTINCT ${name}) AS ${name}`);
  return (
    await store.reader?.rows(`SELECT ${columns.join(", ")} FROM ${store.reader.dialect.events}`)
  )?.[0];
};

test("a history comes in through the allowlist, every event of it, once", async () => {
  const { store } = await openStore();
  const counts: number[] = [];
  const { repeated, taken } = await fillStore(store, history, (events) => counts.push(events));
  expect(taken).toBeGreaterThan(history.events * 0.98);
  expect(repeated).toBe(0);
  expect(counts.at(-1)).toBe(taken);
  await expect
    .poll(() => sums(store), { timeout: 20_000 })
    .toEqual({ id: taken, anonymousId: history.installations, day: 90 });
});

test("a store that has one already is left as it is", async () => {
  const { store } = await openStore();
  expect(await runDemo(store, history)).toMatch(
    /^5,[89]\d\d events of a made-up product, acme, are/,
  );
  const before = await sums(store);
  expect(before?.day).toBe(90);
  await expect(runDemo(store, history)).rejects.toThrow("has events of acme already");
  expect(await sums(store)).toEqual(before);
});

test("the engine makes a history larger: as many installations and days, each id once", async () => {
  const { file, store } = await openStore();
  const { taken } = await fillStore(store, history);
  await store.close();
  expect(await multiply(file, 4)).toBe(taken * 4);
  const larger = await openDuckDb({ file });
  onTestFinished(() => larger.close());
  expect(await sums(larger)).toEqual({
    id: taken * 4,
    anonymousId: history.installations,
    day: 90,
  });
});
