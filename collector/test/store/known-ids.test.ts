import { expect, test } from "vitest";
import { Fingerprint, KnownIds } from "../../src/store/duckdb/ids.ts";
import { exampleId } from "../example-rows.ts";

/** Ids in memory: exact, small, and not for ever. */

const fingerprint = new Fingerprint();
const today = 20_000;

test("a set of ids answers as a Set does, whatever is added and forgotten", () => {
  const ids = new KnownIds();
  const set = new Set<number>();
  for (let step = 0; step < 60_000; step += 1) {
    const number = (step * 7919) % 20_011;
    const { high, low } = fingerprint.ofId(exampleId(number));
    if (step % 5 === 4) {
      ids.forget(high, low);
      set.delete(number);
    } else {
      expect(ids.add(fingerprint, today)).toBe(!set.has(number));
      set.add(number);
    }
  }
  expect(ids.size).toBe(set.size);
});

test("as text and as the engine's words an id is the same", () => {
  const id = "01234567-89ab-4def-a012-3456789abcde";
  const { high, low } = new Fingerprint().ofId(id);
  expect(new Fingerprint().ofId(id.toUpperCase())).toEqual({ high, low });
  expect(new Fingerprint().ofWords(0x01234567, 0x89ab4def, 0xa0123456, 0x789abcde)).toEqual({
    high,
    low,
  });
});

test("ids that differ in their clock alone, or in their chance alone, are different", () => {
  const seen = new Set<string>();
  for (let number = 0; number < 100_000; number += 1) {
    const digits = number.toString(16).padStart(8, "0");
    for (const id of [
      `${digits}-0000-7000-8000-000000000000`,
      `00000000-0000-7000-8000-0000${digits}`,
    ]) {
      const { high, low } = fingerprint.ofId(id);
      seen.add(`${high} ${low}`);
    }
  }
  expect(seen.size).toBe(2 * 100_000 - 1);
});

test("ids that somebody has chosen to lie behind one another are spread like others", () => {
  const lows = new Set<number>();
  const tables = new Set<number>();
  for (let number = 0; number < 10_000; number += 1) {
    // Of a sum that anybody can compute, all that chooses the place is the same.
    const digits = (number << 8).toString(16).padStart(8, "0");
    const { high, low } = fingerprint.ofId(`${digits}-0000-4000-8000-000000000000`);
    lows.add(low);
    tables.add(high & 255);
  }
  expect(lows.size).toBeGreaterThan(9_900);
  expect(tables.size).toBe(256);
});

test("a million ids take at most 16 bytes each, and only a small part grows at a time", () => {
  const ids = new KnownIds();
  let mostGrown = 0;
  for (let number = 0; number < 1_000_000; number += 1) {
    fingerprint.ofWords(number * 2_654_435_761, number ^ 0x5bd1e995, number * 97, number * 31);
    const before = number < 500_000 ? 0 : ids.bytes;
    ids.add(fingerprint, today);
    if (before > 0) mostGrown = Math.max(mostGrown, ids.bytes - before);
  }
  expect(ids.size).toBe(1_000_000);
  expect(ids.bytes / ids.size).toBeLessThan(16);
  // Whoever adds one waits for what grows: one table of many.
  expect(mostGrown).toBeGreaterThan(0);
  expect(mostGrown).toBeLessThan(ids.bytes / 100);
});

test("a day that no repeat can come from any more is forgotten", async () => {
  const ids = new KnownIds();
  const add = (number: number, day: number) => ids.add(fingerprint.ofId(exampleId(number)), day);
  for (let age = 0; age < 60; age += 1) {
    add(age, today - age);
  }
  add(1000, today + 1);
  await ids.forgetBefore(today);
  expect(ids.size).toBe(33);
  expect(add(1000, today + 1)).toBe(false);
  expect(add(31, today - 31)).toBe(false);
  expect(add(32, today - 32)).toBe(true);
});
