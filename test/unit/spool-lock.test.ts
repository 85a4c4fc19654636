import { existsSync, readdirSync, readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { confirmLock, dropLock, isTrusted, takeLock } from "../../src/spool/lock.ts";
import { ownFolder } from "./own-folder.ts";
import { setAge } from "./spool-batches.ts";

const folder = ownFolder();
const now = 1_700_000_000_000;
let file: string;
beforeEach(() => {
  file = folder.at("sender.lock");
});

const take = (at = now) => takeLock(file, at) as string;

/** A lock as found on disk. */
function found(lock: object) {
  folder.write("sender.lock", { token: "found", since: now, acceptsUntil: now + 5000, ...lock });
}

test("the first build holds the lock, and the next one trusts its sender", () => {
  expect(take()).toMatch(/^[a-z0-9]+$/);
  expect(takeLock(file, now)).toBeUndefined();
  expect(isTrusted(file, now)).toBe(true);
});

test("where there is no lock, or no folder for one, there is nobody to trust", () => {
  expect(isTrusted(file, now)).toBe(false);
  expect(isTrusted(folder.at("missing", "lock"), now)).toBe(false);
  expect(() => takeLock(folder.at("missing", "lock"), now)).toThrow("ENOENT");
});

describe("a lock whose sender has not come up", () => {
  test.each([
    [0, true],
    [1999, true],
    [2000, false],
    [60_000, false],
  ])("is trusted after %i ms: %s", (age, trusted) => {
    take();
    expect(isTrusted(file, now + age)).toBe(trusted);
  });
});

describe("a lock whose sender is up", () => {
  test.each([
    [0, true],
    [4999, true],
    [5000, false],
    [12_000, false],
  ])("is trusted after %i ms: %s", (age, trusted) => {
    const startedAt = now + 1500;
    expect(confirmLock(file, take(), 4711, startedAt)).toBe(true);
    expect(isTrusted(file, startedAt + age)).toBe(trusted);
  });

  test("tells its pid, and until when it accepts", () => {
    const token = take();
    confirmLock(file, token, 4711, now + 100);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      token,
      since: now + 100,
      pid: 4711,
      acceptsUntil: now + 5100,
    });
  });
});

describe("a lock is stale, and replaced,", () => {
  test.each<[what: string, lock: object]>([
    ["past the time it accepts", { pid: 1, since: now - 5000, acceptsUntil: now }],
    [
      "older than a sender lives, whatever it says",
      { since: now - 12_001, acceptsUntil: now + 9e9 },
    ],
    ["of the future, after a clock was set back", { since: now + 1, acceptsUntil: now + 5001 }],
  ])("%s", (_what, lock) => {
    found(lock);
    expect(isTrusted(file, now)).toBe(false);
    expect(take()).toMatch(/^[a-z0-9]+$/);
    expect(isTrusted(file, now)).toBe(true);
    expect(readdirSync(folder.at())).toEqual(["sender.lock"]);
  });

  test("but not while its sender may live and accepts", () => {
    found({ since: now - 12_000, acceptsUntil: now + 1 });
    expect(takeLock(file, now)).toBeUndefined();
  });
});

describe("a lock that can't be read", () => {
  test.each(["", "{", "[]", '{"token": "x"}', '{"token": 1, "since": 2, "acceptsUntil": 3}'])(
    "%j is one that is being written, for 2 seconds",
    (text) => {
      setAge(folder.write("sender.lock", text), now);
      expect(isTrusted(file, now)).toBe(true);
      expect(isTrusted(file, now + 1999)).toBe(true);
      expect(takeLock(file, now + 1999)).toBeUndefined();
      expect(isTrusted(file, now + 2000)).toBe(false);
      expect(take(now + 2000)).toMatch(/^[a-z0-9]+$/);
    },
  );

  test("is not trusted if it comes from the future", () => {
    setAge(folder.write("sender.lock", ""), now + 2000);
    expect(isTrusted(file, now)).toBe(false);
  });
});

describe("a sender that comes up", () => {
  test("when another build has replaced its lock works without one, and leaves that alone", () => {
    const token = take();
    const later = take(now + 3000);
    expect(later).not.toBe(token);
    expect(confirmLock(file, token, 4711, now + 3100)).toBe(false);
    dropLock(file, token);
    expect(isTrusted(file, now + 3100)).toBe(true);
    expect(confirmLock(file, later, 4712, now + 3100)).toBe(true);
  });

  test("when its lock is gone works without one", () => {
    const token = take();
    dropLock(file, token);
    expect(confirmLock(file, token, 4711, now)).toBe(false);
    expect(existsSync(file)).toBe(false);
  });
});

test("after a sender has dropped its lock, the next build holds a new one", () => {
  const token = take();
  confirmLock(file, token, 4711, now);
  dropLock(file, token);
  expect(isTrusted(file, now)).toBe(false);
  expect(take()).not.toBe(token);
});

test("a folder in the lock's place is put aside", () => {
  folder.write("sender.lock/x", "");
  setAge(file, now - 60_000);
  expect(take(now)).toMatch(/^[a-z0-9]+$/);
});
