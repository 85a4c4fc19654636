import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { appendCount, readDays, removeDay, takeCompletedDays } from "../../src/spool/rollups.ts";
import { keepLine, lastSentAt, readLines, readSent } from "../../src/spool/sent.ts";
import { noteStopped } from "../../src/spool/stopped.ts";
import { ownFolder } from "./own-folder.ts";
import { batchId } from "./spool-batches.ts";

const own = ownFolder();

describe("what was sent is kept", () => {
  const lines = () =>
    readFileSync(own.at("sent.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("line by line, as it was", () => {
    keepLine(own.at("sent.jsonl"), { body: '{"a":"b\\n"}' });
    keepLine(own.at("sent.jsonl"), { body: "second" });
    expect(lines()).toEqual([{ body: '{"a":"b\\n"}' }, { body: "second" }]);
  });

  test("the last 50 of it", () => {
    for (let i = 0; i < 60; i++) keepLine(own.at("sent.jsonl"), i);
    expect(lines()).toEqual(Array.from({ length: 50 }, (_, i) => i + 10));
  });

  test("up to 256 KiB of it, counted in bytes", () => {
    for (let i = 0; i < 9; i++) keepLine(own.at("sent.jsonl"), `${i}${"€".repeat(20_000)}`);
    expect(lines().map((line) => line[0])).toEqual(["5", "6", "7", "8"]);
    expect(statSync(own.at("sent.jsonl")).size).toBeLessThanOrEqual(256 * 1024);
  });

  test("and read again, without what is torn or foreign", () => {
    const file = own.write("sent.jsonl", '{"at":"1"}\n{"at"\n[1]\n\n"text"\n{"at":"2"}\n');
    expect(readLines(file)).toEqual([{ at: "1" }, { at: "2" }]);
    expect(readLines(own.at("missing.jsonl"))).toEqual([]);
    expect(lastSentAt(own.at())).toBeUndefined();
  });

  test("of it, what says when, to whom, and what", () => {
    const sent = {
      at: "2026-03-01T10:00:00.000Z",
      to: { type: "http", url: "https://acme.dev/" },
      answer: "202",
      body: "{}",
    };
    const others = [
      { ...sent, at: "yesterday" },
      { ...sent, at: 1 },
      { ...sent, to: null },
      { ...sent, to: { type: "http", url: "acme" } },
      { ...sent, answer: undefined },
      { ...sent, body: {} },
    ];
    const file = own.write(
      "sent.jsonl",
      [sent, ...others].map((line) => JSON.stringify(line)).join("\n"),
    );
    expect(readSent(file)).toEqual([sent]);
    expect(lastSentAt(file)).toBe(sent.at);
  });

  test("the last line whatever its size", () => {
    keepLine(own.at("sent.jsonl"), "first");
    keepLine(own.at("sent.jsonl"), "x".repeat(300 * 1024));
    expect(lines()).toEqual(["x".repeat(300 * 1024)]);
  });
});

describe("a day's counts", () => {
  const noon = Date.UTC(2026, 2, 1, 12);
  const day = 24 * 60 * 60 * 1000;
  const minute = 60 * 1000;
  let folder: string;
  beforeEach(() => {
    folder = own.at("state", "rollups");
  });
  const ids = () => {
    let n = 0;
    return () => batchId(++n);
  };
  const takeAt = (now: number, newId = ids()) => takeCompletedDays(folder, now, newId);

  test("are lines that any number of processes append", () => {
    appendCount(folder, "rebuild", false, noon);
    appendCount(folder, "rebuild", true, noon + minute);
    // What another process appended at the same time.
    appendFileSync(path.join(folder, "2026-03-01.log"), "rebuild 0\nclick 0\nrebuild 1\n");
    appendCount(folder, "click", false, noon + 2 * minute);
    expect(takeAt(noon + day)).toEqual([
      {
        file: path.join(folder, `2026-03-01_${batchId(1)}.log`),
        batchId: batchId(1),
        day: "2026-03-01T00:00:00.000Z",
        counts: [
          { name: "rebuild", count: 4, errors: 2 },
          { name: "click", count: 2, errors: 0 },
        ],
      },
    ]);
  });

  test("are for nobody else to read", () => {
    appendCount(folder, "rebuild", false, noon);
    if (process.platform === "win32") return;
    expect(statSync(path.join(folder, "2026-03-01.log")).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["the same day", noon + 11 * 60 * minute, 0],
    ["at midnight", noon + 12 * 60 * minute, 0],
    ["ten minutes after midnight, less one", noon + 12 * 60 * minute + 9 * minute, 0],
    ["ten minutes after midnight", noon + 12 * 60 * minute + 10 * minute, 1],
    ["a month later", noon + 30 * day, 1],
    ["the day before, after a clock was set back", noon - day, 0],
  ])("are taken %s", (_when, at, expected) => {
    appendCount(folder, "rebuild", false, noon);
    expect(takeAt(at)).toHaveLength(expected);
    const [name] = readdirSync(folder);
    expect(name === "2026-03-01.log").toBe(expected === 0);
  });

  test("of several days are taken day by day", () => {
    for (const i of [0, 1, 2, 3]) appendCount(folder, "rebuild", false, noon + i * day);
    const taken = takeAt(noon + 3 * day);
    expect(taken.map((rolled) => rolled.day.slice(0, 10)).sort()).toEqual([
      "2026-03-01",
      "2026-03-02",
      "2026-03-03",
    ]);
    expect(new Set(taken.map((rolled) => rolled.batchId)).size).toBe(3);
  });

  test("taken again, by the next sender after a crash, are the same under the same id", () => {
    appendCount(folder, "rebuild", true, noon);
    const newId = ids();
    const taken = takeAt(noon + day, newId);
    expect(takeAt(noon + 2 * day, newId)).toEqual(taken);
    expect(taken[0]?.batchId).toBe(batchId(1));
  });

  test("can be looked at, completed or not, taken or not", () => {
    for (const i of [0, 1]) appendCount(folder, "rebuild", i === 1, noon + i * day);
    const both = [
      { day: "2026-03-01", counts: [{ name: "rebuild", count: 1, errors: 0 }] },
      { day: "2026-03-02", counts: [{ name: "rebuild", count: 1, errors: 1 }] },
    ];
    expect(readDays(folder)).toEqual(both);
    takeAt(noon + day);
    own.write("state/rollups/notes.log", "rebuild 0");
    expect(readDays(folder)).toEqual(both);
    expect(readDays(own.at("missing"))).toEqual([]);
  });

  test("are gone when their batch is written", () => {
    appendCount(folder, "rebuild", true, noon);
    for (const rolled of takeAt(noon + day)) removeDay(rolled);
    expect(readdirSync(folder)).toEqual([]);
    expect(takeAt(noon + day)).toEqual([]);
  });

  test("leave out lines that are torn or foreign", () => {
    own.write(
      "state/rollups/2026-03-01.log",
      "rebuild 0\nrebu\n\nrebuild\nrebuild 2\nrebuild 0 0\n/home/jo 0\nRebuild 0\n__proto__ 0\nrebuild 1",
    );
    expect(takeAt(noon + day)[0]?.counts).toEqual([{ name: "rebuild", count: 2, errors: 1 }]);
  });

  test("in a file of which no line is left are none", () => {
    own.write("state/rollups/2026-03-01.log", "\0\0\0");
    expect(takeAt(noon + day)[0]?.counts).toEqual([]);
  });

  test("are in files of ours alone", () => {
    own.write("state/rollups/notes.txt", "rebuild 0\n");
    own.write("state/rollups/2026-03-01.log.bak", "rebuild 0\n");
    own.write("state/rollups/2026-03-01_x.log", "rebuild 0\n");
    expect(takeAt(noon + day)).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  test("are none where nothing was counted", () => {
    expect(takeAt(noon)).toEqual([]);
    mkdirSync(folder, { recursive: true });
    expect(takeAt(noon)).toEqual([]);
  });

  test("stop at 256 KiB: a loop, not a developer", () => {
    own.write("state/rollups/2026-03-01.log", "rebuild 0\n".repeat(26_214));
    appendCount(folder, "rebuild", false, noon);
    appendCount(folder, "rebuild", false, noon);
    expect(takeAt(noon + day)[0]?.counts[0]?.count).toBe(26_215);
  });

  test("that can't be written are said so", () => {
    own.write("state/rollups", "a file in its place");
    expect(() => appendCount(folder, "rebuild", false, noon)).toThrow("EEXIST");
  });
});

describe("a version that a collector stopped", () => {
  const now = Date.UTC(2026, 2, 1);
  const month = 30 * 24 * 60 * 60 * 1000;
  const read = () => JSON.parse(readFileSync(own.at("stopped.json"), "utf8"));

  test("is silent for 30 days, beside others; those that are over are forgotten", () => {
    noteStopped(own.at("stopped.json"), "1.0.0", now);
    noteStopped(own.at("stopped.json"), "1.1.0", now + 5);
    expect(read()).toEqual({ "1.0.0": now + month, "1.1.0": now + month + 5 });
    noteStopped(own.at("stopped.json"), "1.2.0", now + month);
    expect(read()).toEqual({ "1.1.0": now + month + 5, "1.2.0": now + 2 * month });
  });

  test("is written over what can't be read", () => {
    own.write("stopped.json", '{"1.0.0": "for ev');
    noteStopped(own.at("stopped.json"), "1.1.0", now);
    expect(read()).toEqual({ "1.1.0": now + month });
  });
});
