import { describe, expect, test } from "vitest";
import { accept } from "../../src/events/accept.ts";
import { buildEvents } from "../../src/events/build-events.ts";
import { commandEvents } from "../../src/events/command-events.ts";
import { defineEvents, isDefinitions } from "../../src/events/define.ts";
import { field } from "../../src/events/fields.ts";

const description = "Somebody looked.";
const seen = { description, fields: { times: field.count(9, "How often.") } };

test("what is defined is listed: the product's events, its common fields, and the day's counts", () => {
  const common = { region: field.oneOf(["eu", "us"], "Where.") };
  const { events, counts } = defineEvents({ "page:seen": seen }, { common, counts: ["click"] });
  expect(Object.keys(events)).toEqual(["page:seen", "usage:rollup"]);
  expect(Object.keys(events["page:seen"].fields)).toEqual(["region", "times"]);
  expect(counts).toEqual(["rebuild", "click"]);
  expect(events).toHaveProperty(["usage:rollup", "fields", "name", "values"], counts);
});

test("an event's own field ranks above the common one of that name", () => {
  const common = { times: field.boolean("Whether.") };
  const { events } = defineEvents({ seen }, { common });
  expect(events.seen.fields.times).toBe(seen.fields.times);
});

test("a count that is named twice is one", () => {
  expect(defineEvents({}, { counts: ["rebuild", "click", "click"] }).counts).toEqual([
    "rebuild",
    "click",
  ]);
});

test("the build events can be defined", () => {
  const { events } = defineEvents(buildEvents);
  expect(Object.keys(events)).toEqual(["build:completed", "build:failed", "usage:rollup"]);
});

test("definitions can't be changed once they are made", () => {
  const definitions = defineEvents({ seen });
  const { events } = definitions;
  const more = { extra: field.boolean("More.") };
  for (const part of [definitions, events, events.seen, events.seen.fields, definitions.counts]) {
    expect(() => Object.assign(part, more)).toThrow(TypeError);
  }
  expect(() => Object.assign((events as never)["usage:rollup"], more)).toThrow(TypeError);
});

test.each([
  ["what defineEvents returns", defineEvents({ seen }), true],
  ["a plain object of events", { seen }, false],
  ["a look-alike", { events: {}, counts: [] }, false],
  ["nothing", undefined, false],
  ["a list", Object.freeze([]), false],
])("definitions are told from others: %s", (_name, value, expected) => {
  expect(isDefinitions(value)).toBe(expected);
});

describe("a mistake is refused where it is made, with the fix", () => {
  const define = defineEvents as (events: unknown, options?: unknown) => unknown;
  const named = (name: string) => ({ [name]: seen });
  const withField = (name: string, value: unknown) => ({
    seen: { description, fields: { [name]: value } },
  });
  const text = Object.freeze({ kind: "text", description });

  test.each<[name: string, events: unknown, options: unknown, says: RegExp]>([
    ["no events", undefined, {}, /takes an object of events: defineEvents\(\{ \.\.\.buildEvents/],
    ["a list of events", [seen], {}, /takes an object of events/],
    ["an event in capitals", named("Seen"), {}, /"Seen" can't be: use lower case words such as/],
    ["an event with a space", named("page seen"), {}, /"page seen" can't be: use lower case/],
    ["an event of three parts", named("a:b:c"), {}, /"a:b:c" can't be/],
    ["an event without a name", named(""), {}, /"" can't be/],
    ["an event with a long name", named("e".repeat(33)), {}, /can't be: use lower case words/],
    ["an event named as a prototype", named("__proto__x"), {}, /can't be/],
    [
      "the event that counts become",
      named("usage:rollup"),
      {},
      /"usage:rollup" is taken .* use an/,
    ],
    ["an event that is none", { seen: true }, {}, /"seen" has no fields: define it as \{ desc/],
    [
      "an event without fields",
      { seen: { description } },
      {},
      /"seen" has no fields: define it as/,
    ],
    ["an event without a description", { seen: { fields: {} } }, {}, /no description: say in one/],
    ["a blank description", { seen: { description: " ", fields: {} } }, {}, /no description: say/],
    [
      "a field in snake case",
      withField("a_b", field.hash("H.")),
      {},
      /"a_b" of "seen" can't be: use/,
    ],
    [
      "a field with a long name",
      withField("f".repeat(41), field.hash("H.")),
      {},
      /camel case of up/,
    ],
    ["a misspelt sample", { seen: { ...seen, smaple: 0.1 } }, {}, /takes no "smaple": check its/],
    ["a field that is a type's name", withField("a", "string"), {}, /"a" of "seen" is not made by/],
    [
      "a field of another kind",
      withField("a", text),
      {},
      /is not made by sendoff: use field\.count/,
    ],
    [
      "a field made by hand",
      withField("a", { kind: "hash", description }),
      {},
      /is not made by send/,
    ],
    [
      "a common field made by hand",
      { seen },
      { common: { a: {} } },
      /"a" of "seen" is not made by/,
    ],
    [
      "a count with a space",
      { seen },
      { counts: ["a b"] },
      /Count "a b" can't be: use lower camel/,
    ],
    [
      "common fields without that word",
      { seen },
      { toolsCount: field.count(9, "Tools.") },
      /takes \{ common, counts \} after the events/,
    ],
    ["counts that are no list", { seen }, { counts: "rebuild" }, /takes \{ common, counts \}/],
    ["a count that is no name", { seen }, { counts: [""] }, /Count "" can't be/],
  ])("%s", (_name, events, options, message) => {
    expect(() => define(events, options)).toThrow(message);
    expect(() => define(events, options)).toThrow(TypeError);
  });

  test.each([0, -0.1, 1.01, 10, Number.NaN, "0.1", null])("a sample of %j", (sample) => {
    expect(() => define({ seen: { ...seen, sample } })).toThrow(
      /"seen" has a sample of .*: pass the share of runs that record it, above 0 and up to 1/,
    );
  });
});

test("options that are null are none", () => {
  const untyped = defineEvents as (events: unknown, options: unknown) => unknown;
  expect(untyped({ seen }, null)).toEqual(defineEvents({ seen }));
});

test("a sample of all runs is none", () => {
  const { events } = defineEvents({
    all: { ...seen, sample: 1 },
    some: { ...seen, sample: 0.25 },
  });
  expect(events.all).not.toHaveProperty("sample");
  expect(events.some).toHaveProperty("sample", 0.25);
});

test("the event of a command has its listed commands and flags, and no values", () => {
  const { events } = defineEvents(commandEvents({ commands: ["build"], flags: ["watch"] }));
  const { fields } = events["command:ended"];
  expect(Object.keys(fields)).toEqual([
    ...["command", "flags", "outcome", "duration", "productVersion"],
  ]);
  expect(accept(fields.command, "build")).toEqual({ value: "build" });
  expect(accept(fields.command, "biuld")).toEqual({ value: "other" });
  expect(accept(fields.flags, ["watch", "token=secret", 7])).toEqual({ value: ["watch", "other"] });
  expect(accept(fields.outcome, "aborted")).toEqual({ value: "aborted" });
});

test("the event of a command needs a flag to list", () => {
  expect(() => commandEvents({ commands: ["build"], flags: [] })).toThrow(RangeError);
  const untyped = commandEvents as (options?: unknown) => unknown;
  for (const options of [
    undefined,
    null,
    { commands: ["build"] },
    { commands: "build", flags: ["watch"] },
  ]) {
    expect(() => untyped(options)).toThrow("values must be a list of 1 to 1000 words");
  }
});
