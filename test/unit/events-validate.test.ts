import { describe, expect, test } from "vitest";
import { defineEvents } from "../../src/events/define.ts";
import { field } from "../../src/events/fields.ts";
import { validateEvent } from "../../src/events/validate.ts";

const says = "What it says.";
const definitions = defineEvents({
  "page:seen": {
    description: "Somebody looked.",
    fields: {
      times: field.count(9, says),
      color: field.oneOf(["red"], says),
      tags: field.listOf(field.oneOf(["a", "b"], says), 3, says),
      uses: field.mapOf(["a"], field.count(9, says), says),
    },
  },
});
const now = new Date("2026-03-01T10:00:00.000Z");
const validate = (input: unknown) => validateEvent(definitions, input, now);
const seen = (fields: unknown) => validate({ eventName: "page:seen", fields });

const throwing = (key: string) =>
  Object.defineProperty({}, key, {
    enumerable: true,
    get: () => {
      throw new Error("/home/jo");
    },
  });
const throwingProxy = new Proxy(
  {},
  {
    get: () => {
      throw new Error("/home/jo");
    },
    ownKeys: () => {
      throw new Error("/home/jo");
    },
  },
);
const circular: Record<string, unknown> = { times: 1 };
circular.uses = circular;
circular.tags = [circular, "a"];

test("an event that is as defined is taken as it is, at this moment", () => {
  const fields = { times: 3, color: "red", tags: ["a"], uses: { a: 1 } };
  expect(seen(fields)).toEqual({
    event: { eventName: "page:seen", timestamp: "2026-03-01T10:00:00.000Z", fields },
    dropped: [],
  });
});

test.each([
  ["another moment", "2026-02-01T11:30:00+01:00", "2026-02-01T10:30:00.000Z"],
  ["no moment", "yesterday", "2026-03-01T10:00:00.000Z"],
  ["an impossible one", "2026-02-31T99:00:00Z", "2026-03-01T10:00:00.000Z"],
  ["a number", 5, "2026-03-01T10:00:00.000Z"],
  ["nothing", undefined, "2026-03-01T10:00:00.000Z"],
])("a timestamp that is %s", (_what, timestamp, expected) => {
  const { event } = validate({ eventName: "page:seen", fields: {}, timestamp });
  expect(event?.timestamp).toBe(expected);
});

describe("an event as a whole is dropped, and said why", () => {
  test.each([
    ["no object", "page:seen", "event", "should be an object { eventName, fields }"],
    ["nothing", undefined, "event", "should be an object { eventName, fields }"],
    ["a list", [{ eventName: "page:seen" }], "event", "should be an object"],
    ["of an unknown name", { eventName: "page:left", fields: {} }, "eventName", "is not defined"],
    ["without a name", { fields: {} }, "eventName", "is not defined; defined are page:seen"],
    ["named by an object", { eventName: {}, fields: {} }, "eventName", "is not defined"],
    ["named __proto__", { eventName: "__proto__", fields: {} }, "eventName", "is not defined"],
    ["named constructor", { eventName: "constructor", fields: {} }, "eventName", "is not defined"],
    ["named toString", { eventName: "toString", fields: {} }, "eventName", "is not defined"],
    ["without fields", { eventName: "page:seen" }, "page:seen.fields", "should be an object"],
    ["with a list of fields", { eventName: "page:seen", fields: [] }, "page:seen.fields", "should"],
    ["with a name that throws", throwing("eventName"), "event", "could not be read"],
    ["that throws at every touch", throwingProxy, "event", "could not be read"],
    [
      "with fields that throw at every touch",
      { eventName: "page:seen", fields: throwingProxy },
      "event",
      "could not be read",
    ],
  ])("%s", (_what, input, path, problem) => {
    const { event, dropped } = validate(input);
    expect(event).toBeUndefined();
    expect(dropped).toEqual([{ path, problem: expect.stringContaining(problem) }]);
  });
});

describe("a field is dropped, said why, and the others leave", () => {
  test.each<[what: string, fields: object, dropped: string, problem: string]>([
    ["not defined", { file: "/home/jo" }, "file", "is not defined"],
    ["of the wrong type", { color: 7 }, "color", "should be one of a list of words, is another"],
    [
      "too large",
      { times: 10 },
      "times",
      "should be a whole number from 0 to 9, is another number",
    ],
    ["null", { color: null }, "color", "is null"],
    ["one that throws", throwing("color"), "color", "could not be read"],
    ["named __proto__", JSON.parse('{"__proto__": {"times": 1}}'), "__proto__", "is not defined"],
    ["named constructor", { constructor: 1 }, "constructor", "is not defined"],
    ["named hasOwnProperty", { hasOwnProperty: 1 }, "hasOwnProperty", "is not defined"],
  ])("%s", (_what, fields, name, problem) => {
    const all = Object.defineProperties({ tags: ["a"] }, Object.getOwnPropertyDescriptors(fields));
    const { event, dropped } = seen(all);
    expect(event?.fields).toEqual({ tags: ["a"] });
    expect(dropped).toEqual([
      { path: `page:seen.${name}`, problem: expect.stringContaining(problem) },
    ]);
    expect(JSON.stringify(dropped)).not.toContain("jo");
  });
});

test("a field that is undefined was left out, and is no mistake", () => {
  expect(seen({ times: undefined, color: "red" })).toMatchObject({
    event: { fields: { color: "red" } },
    dropped: [],
  });
});

test("what a prototype holds is not taken for a field", () => {
  expect(seen(Object.create({ times: 1 })).event?.fields).toEqual({});
});

test("circular objects do no harm", () => {
  const { event } = seen(circular);
  expect(event?.fields).toEqual({ times: 1, tags: ["a"], uses: {} });
  expect(() => JSON.stringify(event)).not.toThrow();
});

test("nothing that is taken reaches a prototype", () => {
  const { event } = seen(JSON.parse('{"__proto__": {"polluted": true}, "times": 1}'));
  expect(event?.fields).not.toHaveProperty("polluted");
  expect({}).not.toHaveProperty("polluted");
});

test("what is taken is a copy: later changes to the event change nothing", () => {
  const fields = { tags: ["a"], uses: { a: 1 } };
  const { event } = seen(fields);
  fields.tags.push("/home/jo");
  Object.assign(fields.uses, { b: "/home/jo" });
  expect(event?.fields).toEqual({ tags: ["a"], uses: { a: 1 } });
});
