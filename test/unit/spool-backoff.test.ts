import { existsSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import {
  backoffMs,
  backoffUntil,
  beginAttempt,
  clearBackoff,
  extendBackoff,
} from "../../src/spool/backoff.ts";
import { ownFolder } from "./own-folder.ts";

const own = ownFolder();
const now = 1_700_000_000_000;
const minute = 60 * 1000;
const day = 24 * 60 * minute;
const sink = "http-0a1b2c3d";
let folder: string;
beforeEach(() => {
  folder = own.at("state", "backoff");
});
const until = (at = now) => backoffUntil(folder, sink, at);

describe("the pause", () => {
  test.each([
    [1, minute],
    [2, 2 * minute],
    [3, 4 * minute],
    [8, 128 * minute],
    [11, 1024 * minute],
    [12, day],
    [50, day],
    [1e9, day],
  ])("after failure %i is anything up to %i ms", (failures, limit) => {
    expect(backoffMs(failures, () => 0)).toBe(0);
    expect(backoffMs(failures, () => 0.5)).toBe(limit / 2);
    expect(backoffMs(failures, () => 1)).toBe(limit);
  });

  test("is spread over all of it, so that machines don't come back as one", () => {
    const pauses = Array.from({ length: 2000 }, () => backoffMs(1, Math.random));
    for (const pause of pauses) {
      expect(pause).toBeGreaterThanOrEqual(0);
      expect(pause).toBeLessThanOrEqual(minute);
    }
    for (const quarter of [0, 1, 2, 3]) {
      const within = (p: number) => Math.min(3, Math.floor((p / minute) * 4)) === quarter;
      expect(pauses.filter(within).length).toBeGreaterThan(300);
    }
  });
});

describe("a sink is left alone", () => {
  test("from the moment an attempt begins, until its pause is over", () => {
    beginAttempt(folder, sink, now, () => 0.5);
    expect(until(now)).toBe(now + minute / 2);
    expect(until(now + minute / 2 - 1)).toBe(now + minute / 2);
    expect(until(now + minute / 2)).toBeUndefined();
  });

  test("twice as long after each attempt that nobody called a success", () => {
    for (const [i, limit] of [minute, 2 * minute, 4 * minute, 8 * minute].entries()) {
      const at = now + i * day;
      beginAttempt(folder, sink, at, () => 1);
      expect(until(at)).toBe(at + limit);
    }
  });

  test("not any more after a success, and from the start after the next failure", () => {
    beginAttempt(folder, sink, now, () => 1);
    beginAttempt(folder, sink, now, () => 1);
    clearBackoff(folder, sink);
    expect(until()).toBeUndefined();
    beginAttempt(folder, sink, now, () => 1);
    expect(until()).toBe(now + minute);
  });

  test("and no other sink is", () => {
    beginAttempt(folder, sink, now, () => 1);
    expect(backoffUntil(folder, "http-ffffffff", now)).toBeUndefined();
    clearBackoff(folder, "http-ffffffff");
    expect(until()).toBe(now + minute);
  });

  test("for as long as it asked, a day at most; the failures count on", () => {
    beginAttempt(folder, sink, now, () => 1);
    extendBackoff(folder, sink, now, 5 * minute);
    expect(until()).toBe(now + 5 * minute);
    extendBackoff(folder, sink, now, 30 * day);
    expect(until()).toBe(now + day);
    beginAttempt(folder, sink, now, () => 1);
    expect(until()).toBe(now + 2 * minute);
  });

  test("on request, even if no attempt is written down", () => {
    extendBackoff(folder, sink, now, 5 * minute);
    expect(until()).toBe(now + 5 * minute);
  });
});

describe("a back-off is void", () => {
  test("when it is further off than a day: a clock was set back", () => {
    extendBackoff(folder, sink, now, day);
    expect(until(now)).toBe(now + day);
    expect(until(now - 1)).toBeUndefined();
    expect(until(now - 365 * day)).toBeUndefined();
  });

  test.each(["", "{", "[]", '{"until": "later", "failures": 1}', '{"until": 9e99}'])(
    "when it can't be read: %j",
    (text) => {
      own.write(`state/backoff/${sink}.json`, text);
      expect(until()).toBeUndefined();
      beginAttempt(folder, sink, now, () => 1);
      expect(until()).toBe(now + minute);
    },
  );
});

test("an attempt that can't be written down is not begun", () => {
  own.write("state/backoff", "a file in its place");
  expect(() => beginAttempt(folder, sink, now)).toThrow("EEXIST");
  expect(until()).toBeUndefined();
});

test("asking writes nothing", () => {
  expect(until()).toBeUndefined();
  clearBackoff(folder, sink);
  expect(existsSync(own.at("state"))).toBe(false);
});
