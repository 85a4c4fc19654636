import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hashOf } from "../src/ingest/row-of.ts";
import { changeBan, openBans } from "../src/rates/bans.ts";
import { Buckets } from "../src/rates/buckets.ts";
import { createRates } from "../src/rates/rates.ts";

test("a bucket gives as many as it holds, and fills up again", () => {
  const buckets = new Buckets({ perMinute: 60, burst: 3 });
  const take = (at: number) => buckets.take("ada", at);
  expect([take(0), take(0), take(0), take(0)]).toEqual([0, 0, 0, 1]);
  expect([take(1_000), take(1_000)]).toEqual([0, 1]);
  expect([0, 1, 2, 3].map(() => take(3_600_000))).toEqual([0, 0, 0, 1]);
  expect(buckets.take("grace", 0)).toBe(0);
});

test("a clock that goes back takes nothing away for good", () => {
  const buckets = new Buckets({ perMinute: 60, burst: 1 });
  expect(buckets.take("ada", 100_000)).toBe(0);
  expect(buckets.take("ada", 0)).toBe(1);
  expect(buckets.take("ada", 1_000)).toBe(0);
});

test("a flood of names takes bounded memory", () => {
  const buckets = new Buckets({ perMinute: 1 });
  for (let name = 0; name < 250_000; name += 1) buckets.take(String(name), 0);
  // The last ones are remembered; the first have been forgotten, and begin anew.
  expect(buckets.take("249999", 0)).toBeGreaterThan(0);
  expect(buckets.take("0", 0)).toBe(0);
});

test("no limit is one that is never met", () => {
  const rates = createRates({ perId: 0, perSource: 0, total: 0 });
  for (let times = 0; times < 10_000; times += 1) {
    expect(rates.request("127.0.0.1", 0) + rates.installation("ada", 0)).toBe(0);
  }
});

test("a ban is seen by a collector that runs, and taken back", () => {
  const file = join(mkdtempSync(join(tmpdir(), "sendoff-bans-")), "telemetry.duckdb.bans");
  const id = "a".repeat(64);
  const bans = openBans(file);
  expect(bans.has(id)).toBe(false);
  expect(changeBan(file, id, true)).toBe(hashOf(id));
  bans.refresh();
  expect([bans.has(id), bans.has("b".repeat(64)), bans.has(null)]).toEqual([true, false, false]);
  changeBan(file, hashOf(id), false);
  bans.refresh();
  expect(bans.has(id)).toBe(false);
  expect(() => changeBan(file, "ada", true)).toThrow("64 hexadecimal digits");
});
