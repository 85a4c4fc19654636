import { expect, test } from "vitest";
import { field, oneOfKnown } from "../../src/events/fields.ts";
import { errorTypeList } from "../../src/events/known-lists.ts";
import { hash128 } from "../../src/support/hash.ts";

test("the known list is one that a field would take, under the hash that is written down", () => {
  const words = errorTypeList.words();
  expect(errorTypeList.words()).toBe(words);
  expect(Object.isFrozen(words)).toBe(true);
  expect(field.oneOf([...words], "Any of them.").values).toEqual(words);
  expect(errorTypeList.hash).toBe(hash128(JSON.stringify(words)));
});

test("a field of the known list is as one of a list that was passed", () => {
  const lazy = oneOfKnown(errorTypeList, "Any of them.");
  const listed = field.oneOf([...errorTypeList.words()], "Any of them.");
  expect(JSON.stringify(lazy)).toBe(JSON.stringify(listed));
  expect(Object.isFrozen(lazy)).toBe(true);
});

test("hash128 differs for texts that differ in one character, or in order", () => {
  const texts = Array.from({ length: 5000 }, (_, i) => `event.field${i}`);
  expect(new Set(texts.map(hash128)).size).toBe(texts.length);
  expect(hash128("ab")).not.toBe(hash128("ba"));
  expect(hash128("")).toMatch(/^[0-9a-f]{32}$/);
});
