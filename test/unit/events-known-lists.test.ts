import { expect, test } from "vitest";
import { field } from "../../src/events/fields.ts";
import { knownLists } from "../../src/events/known-lists.ts";
import { hash128 } from "../../src/support/hash.ts";

test("every known list is one that a field would take, under the hash that is written down", () => {
  for (const [list, hash] of knownLists) {
    const words = list as string[];
    expect(Object.isFrozen(words)).toBe(true);
    expect(field.oneOf([...words], "Any of them.").values).toEqual(words);
    expect(hash).toBe(hash128(JSON.stringify(words)));
  }
});

test("hash128 differs for texts that differ in one character, or in order", () => {
  const texts = Array.from({ length: 5000 }, (_, i) => `event.field${i}`);
  expect(new Set(texts.map(hash128)).size).toBe(texts.length);
  expect(hash128("ab")).not.toBe(hash128("ba"));
  expect(hash128("")).toMatch(/^[0-9a-f]{32}$/);
});
