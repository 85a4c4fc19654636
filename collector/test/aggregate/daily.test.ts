import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dueDays } from "../../src/aggregate/daily.ts";
import type { EventRow } from "../../src/rows/row.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import type { ReadRow, Store } from "../../src/store/store.ts";
import { exampleHash, exampleRow, exampleRows } from "../example-rows.ts";

/** Daily aggregates are those of the rows, and stay when the rows are deleted. */

const DAY_MS = 86_400_000;

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendoff-daily-"));
  store = await openDuckDb({ file: join(folder, "telemetry.db"), threads: 1, retentionDays: 40 });
  await store.ready;
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const noon = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2;

async function written(rows: EventRow[]): Promise<void> {
  await store.write(rows);
  const ids = rows.map(({ id }) => id);
  await expect
    .poll(
      async () => {
        const [row] = await read("SELECT count(*) AS n FROM events WHERE id::VARCHAR IN :ids", {
          ids,
        });
        return row?.n;
      },
      { timeout: 20_000 },
    )
    .toBe(rows.length);
}

async function read(sql: string, parameters: Record<string, readonly string[]> = {}) {
  return (await store.reader?.rows(sql, parameters)) as ReadRow[];
}

async function daily(): Promise<ReadRow[]> {
  return read("SELECT * FROM daily ORDER BY day, place, dimension, value");
}

/** The same from the rows, by hand. */
function totals(rows: EventRow[]): object {
  const count = (some: EventRow[]) => some.reduce((sum, { sampleRate }) => sum + 1 / sampleRate, 0);
  const distinct = (values: (string | null)[]) => new Set(values.filter((value) => value)).size;
  const durations = rows
    .filter(({ build }) => build.success)
    .map(({ build }) => build.duration as number)
    .sort((a, b) => a - b);
  const at = (share: number) => durations[Math.max(0, Math.ceil(durations.length * share) - 1)];
  return {
    events: count(rows),
    completed: count(rows.filter(({ build }) => build.success)),
    failures: count(rows.filter(({ build }) => !build.success)),
    installations:
      distinct(rows.map(({ anonymousId }) => anonymousId)) +
      count(rows.filter(({ firstOfDay }) => firstOfDay)),
    projects: distinct(rows.map(({ projectHash }) => projectHash)),
    p50: at(0.5),
    p75: at(0.75),
    p95: at(0.95),
    p99: at(0.99),
  };
}

test("a day's totals, and those of each value, are those of its rows", async () => {
  const today = exampleRows(1, 200, { timestamp: noon });
  const sampled = exampleRows(201, 20, { timestamp: noon, place: "ci", sampleRate: 0.25 });
  const first = (number: number) => ({
    timestamp: noon,
    place: "none" as const,
    anonymousId: null,
    projectHash: null,
    firstOfDay: number % 3 === 0,
  });
  const unnamed = Array.from({ length: 30 }, (_, at) => exampleRow(300 + at, first(at)));
  const before = exampleRows(400, 50, { timestamp: noon - DAY_MS });
  await written([...today, ...sampled, ...unnamed, ...before]);
  // It takes a second for it, and goes on the next time.
  await expect
    .poll(
      async () => {
        await store.maintain(new Date(noon));
        return (await read("SELECT DISTINCT day FROM aggregated")).length;
      },
      { timeout: 20_000 },
    )
    .toBe(2);

  const rows = await daily();
  const of = (place: string, day: string, dimension = "", value = "") =>
    rows.filter(
      (row) =>
        row.place === place &&
        row.day === day &&
        row.dimension === dimension &&
        row.value === value,
    );
  const day = today[0]?.day as string;
  expect(of("installation", day)).toEqual([expect.objectContaining(totals(today))]);
  expect(of("ci", day)).toEqual([expect.objectContaining(totals(sampled))]);
  expect(of("none", day)).toEqual([expect.objectContaining(totals(unnamed))]);
  expect(of("installation", before[0]?.day as string)).toEqual([
    expect.objectContaining(totals(before)),
  ]);
  const onLinux = today.filter(({ meta }) => meta.platform === "linux");
  expect(of("installation", day, "platform", "linux")).toEqual([
    expect.objectContaining(totals(onLinux)),
  ]);
  const unknown = today.filter(({ build }) => build.errorType === null);
  expect(of("installation", day, "errorType", "unknown")).toEqual([
    expect.objectContaining(totals(unknown)),
  ]);
});

test("installations and projects are those that built, whoever sent other events", async () => {
  const builds = exampleRows(1, 40, { timestamp: noon });
  const command = (number: number) =>
    exampleRow(number, {
      ...{ timestamp: noon, eventName: "command:ended" },
      anonymousId: exampleHash(`commander ${number}`),
      projectHash: exampleHash(`commanded ${number}`),
      build: { success: null, duration: 50, errorPhase: null, errorType: null },
    });
  await written([...builds, ...Array.from({ length: 25 }, (_, at) => command(1000 + at))]);
  await store.maintain(new Date(noon));
  const [total] = (await daily()).filter(({ dimension }) => dimension === "");
  expect(total).toMatchObject({ ...totals(builds), events: 65 });
});

test("a day is aggregated anew after a late event, and after an erasure", async () => {
  const rows = exampleRows(1, 100, { timestamp: noon - 20 * DAY_MS });
  await written(rows);
  await store.maintain(new Date(noon));
  const late = exampleRow(101, { timestamp: noon - 20 * DAY_MS });
  await written([late]);
  await store.maintain(new Date(noon + 11 * 60_000));
  const total = async () => (await daily()).find(({ dimension }) => dimension === "");
  expect(await total()).toMatchObject(totals([...rows, late]));

  const erased = exampleHash("installation 1");
  await store.erase(erased, new Date(noon));
  // Before it is aggregated anew nothing of that day is there.
  expect(await total()).toBeUndefined();
  await store.maintain(new Date(noon + 12 * 60_000));
  const left = [...rows, late].filter(({ anonymousId }) => anonymousId !== erased);
  expect(await total()).toMatchObject(totals(left));
});

test("rows are deleted after as many days as set, and their aggregates stay", async () => {
  const old = exampleRows(1, 100, { timestamp: noon - 39 * DAY_MS });
  await written(old);
  await store.maintain(new Date(noon));
  const before = await daily();
  expect(before.length).toBeGreaterThan(20);
  await store.maintain(new Date(noon + 2 * DAY_MS));
  expect(await read("SELECT count(*) AS n FROM events")).toEqual([{ n: 0 }]);
  expect(await daily()).toEqual(before);
  await store.maintain(new Date(noon + 3 * DAY_MS));
  expect(await daily()).toEqual(before);
});

test("a day that could not be aggregated in time keeps what was counted before", async () => {
  const old = { timestamp: noon - 37 * DAY_MS };
  await written(exampleRows(1, 100, old));
  await store.maintain(new Date(noon));
  const before = await daily();
  await written(exampleRows(101, 1, old));
  // It is found to be due, and stays so while nothing can be written.
  await read("ALTER TABLE daily RENAME TO away");
  await expect(store.maintain(new Date(noon + 11 * 60_000))).rejects.toThrow("daily");
  await expect(store.maintain(new Date(noon + 5 * DAY_MS))).rejects.toThrow("daily");
  expect(await read("SELECT count(*) AS n FROM events")).toEqual([{ n: 0 }]);
  await read("ALTER TABLE away RENAME TO daily");
  await store.maintain(new Date(noon + 5 * DAY_MS + 5000));
  expect(await daily()).toEqual(before);
});

test("days that have other rows than were aggregated are due, the oldest first", () => {
  const rows = new Map([
    ["2026-11-03", 5],
    ["2026-11-01", 7],
    ["2026-11-02", 9],
  ]);
  const aggregated = new Map([
    ["2026-11-02", 9],
    ["2026-11-03", 4],
    ["2026-06-01", 3],
  ]);
  expect(dueDays(rows, aggregated)).toEqual(["2026-11-01", "2026-11-03"]);
});
