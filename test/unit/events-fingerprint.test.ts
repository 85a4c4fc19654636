import { describe, expect, test } from "vitest";
import { buildEvents } from "../../src/events/build-events.ts";
import { type DefineOptions, defineEvents, type EventSet } from "../../src/events/define.ts";
import { field, oneOfKnown } from "../../src/events/fields.ts";
import { collectedFields, fingerprint } from "../../src/events/fingerprint.ts";
import { errorTypeList } from "../../src/events/known-lists.ts";

const says = "What it says.";
const describing = (description: string, fields: EventSet[string]["fields"]) => ({
  description,
  fields,
});
const of = (events: EventSet, options: DefineOptions<EventSet[string]["fields"]> = {}) =>
  fingerprint(defineEvents(events, options));

const tag = field.token({ pattern: /[a-z]+/, max: 9 }, says);
const base: EventSet = {
  first: describing("One.", {
    size: field.count(10, says),
    color: field.oneOf(["red", "green"], says),
    steps: field.bucket([0, 10], says),
    tags: field.listOf(tag, 3, says),
    uses: field.mapOf(["a", "b"], field.boolean(says), says),
  }),
  second: describing("Two.", { description: field.hash(says) }),
};
const changed = (fields: EventSet[string]["fields"]): EventSet => ({
  ...base,
  first: describing("One.", { ...base.first?.fields, ...fields }),
});

test("definitions have a name of 32 hexadecimal digits", () => {
  expect(of(base)).toMatch(/^[0-9a-f]{32}$/);
});

describe("it stays the same", () => {
  const reversed = (fields: EventSet[string]["fields"] = {}) =>
    Object.fromEntries(Object.entries(fields).reverse());

  test.each<[what: string, events: EventSet]>([
    ["when made again", { ...base }],
    [
      "in another order of events",
      { second: base.second as EventSet[string], first: base.first as EventSet[string] },
    ],
    [
      "in another order of fields",
      { ...base, first: describing("One.", reversed(base.first?.fields)) },
    ],
    [
      "when an event is described otherwise",
      { ...base, second: { ...base.second, description: "2" } as never },
    ],
    ["when a field is described otherwise", changed({ size: field.count(10, "Bytes.") })],
    [
      "when a field within a field is described otherwise",
      changed({
        tags: field.listOf(field.token({ pattern: /[a-z]+/, max: 9 }, "Tag."), 3, "Tags."),
      }),
    ],
  ])("%s", (_what, events) => {
    expect(of(events)).toBe(of(base));
  });
});

test("a long list of ours counts by its words, not by who made it", () => {
  const words = errorTypeList.words();
  const made = [words, [...words]].map((values) => field.oneOf(values, says));
  const [lazy, listed, copied] = [oneOfKnown(errorTypeList, says), ...made].map((errorType) =>
    of({ failed: describing("Failed.", { errorType }) }),
  );
  expect(lazy).toBe(copied);
  expect(listed).toBe(copied);
});

test("definitions that were read from a file have the name of those that were written", () => {
  const definitions = defineEvents({ ...base, ...buildEvents });
  expect(fingerprint(JSON.parse(JSON.stringify(definitions)))).toBe(fingerprint(definitions));
});

describe("it changes with", () => {
  const { first: _, ...withoutFirst } = base;
  const cases: [what: string, events: EventSet, options?: DefineOptions<never>][] = [
    ["an event less", withoutFirst],
    ["an event's name", { ...withoutFirst, third: base.first as EventSet[string] }],
    ["a field more", changed({ extra: field.boolean(says) })],
    ["a field less", { ...base, second: describing("Two.", {}) }],
    [
      "a field called description",
      { ...base, second: describing("Two.", { about: field.hash(says) }) },
    ],
    ["a field's kind", changed({ size: field.boolean(says) })],
    ["a limit", changed({ size: field.count(11, says) })],
    ["a listed word more", changed({ color: field.oneOf(["red", "green", "blue"], says) })],
    ["the order of listed words", changed({ color: field.oneOf(["green", "red"], says) })],
    ["an edge", changed({ steps: field.bucket([0, 11], says) })],
    ["a list's length", changed({ tags: field.listOf(tag, 4, says) })],
    [
      "a pattern",
      changed({ tags: field.listOf(field.token({ pattern: /[a-y]+/, max: 9 }, says), 3, says) }),
    ],
    ["a key", changed({ uses: field.mapOf(["a", "c"], field.boolean(says), says) })],
    ["what keys hold", changed({ uses: field.mapOf(["a", "b"], field.version(says), says) })],
    ["a count", base, { counts: ["click"] }],
    ["a sample", { ...base, second: { ...base.second, sample: 0.1 } as never }],
  ];

  test.each(cases)("%s", (_what, events, options) => {
    expect(of(events, options)).not.toBe(of(base));
  });

  test("each of them to another one", () => {
    const all = [of(base), ...cases.map(([, events, options]) => of(events, options))];
    expect(new Set(all).size).toBe(all.length);
  });
});

test("what is collected is every field of every event, counts included", () => {
  const { first } = base;
  expect(collectedFields(defineEvents({ first } as EventSet))).toEqual([
    ...["first.size", "first.color", "first.steps", "first.tags", "first.uses"],
    ...["usage:rollup.name", "usage:rollup.count", "usage:rollup.errors"],
    "usage:rollup.productVersion",
  ]);
});
