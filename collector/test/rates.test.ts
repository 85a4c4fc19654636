import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hashOf } from "../src/ingest/row-of.ts";
import { bansOf, changeBan, openBans } from "../src/rates/bans.ts";
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
  const database = databaseIn("sendoff-bans-");
  const id = "a".repeat(64);
  const bans = openBans(bansOf(database), onError);
  expect(bans.has(id)).toBe(false);
  expect(changeBan(database, id, true)).toBe(hashOf(id));
  bans.refresh();
  expect([bans.has(id), bans.has("b".repeat(64)), bans.has(null)]).toEqual([true, false, false]);
  changeBan(database, hashOf(id), false);
  bans.refresh();
  expect(bans.has(id)).toBe(false);
  expect(() => changeBan(database, "ada", true)).toThrow("64 hexadecimal digits");
});

test("a ban beside no database would ban nobody: it is refused", () => {
  const database = join(mkdtempSync(join(tmpdir(), "sendoff-bans-")), "telemetry.duckdb");
  expect(() => changeBan(database, "a".repeat(64), true)).toThrow("--database");
  expect(existsSync(bansOf(database))).toBe(false);
});

test("bans that can't be read any more go on, and it is told once", () => {
  const database = databaseIn("sendoff-bans-");
  const id = "a".repeat(64);
  changeBan(database, id, true);
  const problems: Error[] = [];
  const bans = openBans(bansOf(database), (error) => problems.push(error));
  rmSync(bansOf(database));
  // What no user may read, root included.
  mkdirSync(bansOf(database));
  bans.refresh();
  bans.refresh();
  expect(bans.has(id)).toBe(true);
  expect(problems).toHaveLength(1);
});

test("bans belong to whom the database belongs to, also when root changes them", () => {
  const database = databaseIn("sendoff-bans-");
  if (process.getuid?.() === 0) chownSync(database, 65_534, 65_534);
  changeBan(database, "a".repeat(64), true);
  const { uid, gid } = statSync(database);
  expect(statSync(bansOf(database))).toMatchObject({ uid, gid });
});

test("a source over its own limit takes nothing of what is everybody's", () => {
  const rates = createRates({ perId: 0, perSource: 2, total: 4 });
  const asked = (source: string) => rates.request(source, 0) === 0;
  expect([1, 2, 3, 4, 5, 6].map(() => asked("192.0.2.1"))).toEqual([
    ...[true, true],
    ...[false, false, false, false],
  ]);
  expect([asked("192.0.2.2"), asked("192.0.2.3"), asked("192.0.2.4")]).toEqual([true, true, false]);
});

test("an IPv6 network is one source, and so is an IPv4 address whichever way it is written", () => {
  const rates = createRates({ perId: 0, perSource: 1, total: 0 });
  const asked = (source: string) => rates.request(source, 0) === 0;
  expect(asked("2001:db8:1:2::1")).toBe(true);
  expect(asked("2001:0DB8:1:2:ffff::1")).toBe(false);
  expect(asked("2001:db8:1:3::1")).toBe(true);
  expect(asked("2001:db8::1")).toBe(true);
  expect(asked("2001:db8:0:0:9::")).toBe(false);
  expect(asked("192.0.2.1")).toBe(true);
  expect(asked("::ffff:192.0.2.1")).toBe(false);
});

function databaseIn(prefix: string): string {
  const file = join(mkdtempSync(join(tmpdir(), prefix)), "telemetry.duckdb");
  writeFileSync(file, "");
  return file;
}

function onError(error: Error): void {
  throw error;
}
