import { readdirSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import type { Entry } from "../../src/spool/list.ts";
import { claimFile, eventsFile, openFile } from "../../src/spool/names.ts";
import { surplus, trimSpool } from "../../src/spool/trim.ts";
import { spoolMaxBatches, spoolMaxBytes } from "../../src/support/limits.ts";
import { ownFolder } from "./own-folder.ts";
import { batchId, setAge } from "./spool-batches.ts";

const now = 1_700_000_000_000;
const minute = 60 * 1000;
const day = 24 * 60 * minute;

/** Batches of this spool by their age in days, oldest first, as `listSpool` gives them. */
function entries(count: number, given: (i: number) => Partial<Entry> = () => ({})): Entry[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: "events",
    batchId: batchId(i),
    file: String(i),
    bytes: 100,
    changedAt: now - (count - i) * 1000,
    ...given(i),
  }));
}
const going = (list: readonly Entry[]) => surplus(list, now).map(({ file }) => Number(file));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

test("a spool within its limits stays as it is", () => {
  expect(spoolMaxBatches).toBe(500);
  expect(spoolMaxBytes).toBe(1024 * 1024);
  expect(going([])).toEqual([]);
  expect(going(entries(500))).toEqual([]);
  expect(going(entries(16, () => ({ bytes: 64 * 1024 })))).toEqual([]);
  expect(going(entries(1, () => ({ changedAt: now - 30 * day })))).toEqual([]);
});

describe("the oldest go first", () => {
  test("of too many", () => {
    expect(going(entries(503)).toSorted()).toEqual([0, 1, 2]);
  });

  test("of too many bytes", () => {
    expect(going(entries(18, () => ({ bytes: 64 * 1024 }))).toSorted()).toEqual([0, 1]);
  });

  test("and all of them where the newest alone is too large", () => {
    const list = entries(3, (i) => ({ bytes: i === 2 ? 2 * 1024 * 1024 : 1 }));
    expect(going(list).toSorted()).toEqual([0, 1, 2]);
  });

  test("a small one that is older than what had to go goes too", () => {
    const list = entries(3, (i) => ({ bytes: i === 1 ? 1024 * 1024 : 10 }));
    expect(going(list).toSorted()).toEqual([0, 1]);
  });

  test("and what is older than 30 days goes in any case", () => {
    const list = entries(3, (i) => ({ changedAt: now - 30 * day + (i - 1) }));
    expect(going(list)).toEqual([0]);
  });
});

describe("a claim", () => {
  const claimed = (claimedAt: number) => ({ kind: "claimed", claimedAt }) as const;

  test("at work is left to its sender, and takes its place all the same", () => {
    const list = entries(502, (i) => (i === 0 ? claimed(now - 14_000) : {}));
    expect(going(list)).toEqual([1]);
  });

  test("at work stays even if it is too old", () => {
    expect(going(entries(1, () => ({ ...claimed(now), changedAt: now - 40 * day })))).toEqual([]);
  });

  test.each([
    ["that is dead", now - 15_001],
    ["of the future", now + 15_001],
  ])("%s goes like any other", (_what, claimedAt) => {
    expect(going(entries(501, (i) => (i === 0 ? claimed(claimedAt) : {})))).toEqual([0]);
  });
});

test("a batch that is still open counts, and goes, like any other", () => {
  expect(going(entries(501, () => ({ kind: "open" })))).toEqual([0]);
});

describe("a draft", () => {
  const draft = (age: number) => entries(1, () => ({ kind: "draft", changedAt: now - age }));

  test("goes when its writer is gone", () => {
    expect(going(draft(10 * minute + 1))).toEqual([0]);
    expect(going(draft(10 * minute))).toEqual([]);
  });

  test("takes no batch's place", () => {
    const list = entries(1000, (i) => (i % 2 ? { kind: "draft", changedAt: now } : {}));
    expect(going(list)).toEqual([]);
  });
});

describe("on disk", () => {
  const folder = ownFolder();
  let spool: string;
  beforeEach(() => {
    spool = folder.at("spool");
  });

  test("what is surplus is gone; the rest, and foreign files, are left", () => {
    const write = (file: string, age: number) => {
      const name = file.slice(spool.length + 1);
      setAge(folder.write(`spool/${name}`, "x"), now - age);
      return name;
    };
    const left = [
      write(eventsFile(spool, batchId(1)), day),
      write(openFile(spool, batchId(2)), day),
      write(claimFile(spool, batchId(3), now), 40 * day),
      write(`${spool}/README`, 40 * day),
      write(`${spool}/notes.json`, 40 * day),
      write(`${openFile(spool, batchId(4))}.1.a.tmp`, minute),
    ];
    write(eventsFile(spool, batchId(5)), 31 * day);
    write(openFile(spool, batchId(6)), 31 * day);
    write(claimFile(spool, batchId(7), now - minute), 31 * day);
    write(`${openFile(spool, batchId(8))}.1.a.tmp`, 11 * minute);
    trimSpool(spool, now);
    expect(readdirSync(spool).sort()).toEqual(left.sort());
  });

  test("a folder that isn't there is within its limits", () => {
    expect(() => trimSpool(spool, now)).not.toThrow();
  });

  test("600 batches become the newest 500", () => {
    for (const i of upTo(600)) {
      setAge(folder.write(`spool/${batchId(i)}_events.json`, "{}"), now - (600 - i) * 1000);
    }
    trimSpool(spool, now);
    expect(readdirSync(spool).sort()).toEqual(
      upTo(500).map((i) => `${batchId(i + 100)}_events.json`),
    );
  });
});
