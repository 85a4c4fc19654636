import { buildEvents, commandEvents, defineEvents, field } from "sendoff";
import { describe, expect, test } from "vitest";
import { fingerprint } from "../../src/events/fingerprint.ts";
import { reviveDefinitions } from "../../src/events/revive.ts";
import { validateEvent } from "../../src/events/validate.ts";

const definitions = defineEvents(
  {
    ...buildEvents,
    ...commandEvents({ commands: ["build", "dev"], flags: ["watch"] }),
    "tools:listed": {
      description: "All kinds.",
      sample: 0.5,
      fields: {
        flag: field.boolean("A."),
        size: field.bytes("B."),
        version: field.version("C."),
        edge: field.bucket([0, 10, 100], "D."),
        hash: field.hash("E."),
        code: field.token({ pattern: /[a-z]{1,5}(-[a-z]{1,5})?/, max: 11 }, "F."),
        list: field.listOf(field.oneOf(["a", "b"], "G."), 3, "H."),
        map: field.mapOf(["a", "b"], field.milliseconds("I."), "J."),
      },
    },
  },
  { common: { tools: field.count(500, "K.") }, counts: ["retry"] },
);
const asJson = JSON.parse(JSON.stringify(definitions));

describe("definitions that went through JSON", () => {
  test("are the same ones, by every value and by their fingerprint", () => {
    const revived = reviveDefinitions(asJson);
    expect(revived).toEqual(definitions);
    expect(fingerprint(revived)).toBe(fingerprint(definitions));
  });

  test("may say more of an event, as a newer version may", () => {
    const events = { ...asJson.events, seen: { description: "Seen.", fields: {}, later: true } };
    expect(reviveDefinitions({ ...asJson, events }).events).toHaveProperty("seen");
  });

  test("hold values to the same rules", () => {
    const input = {
      eventName: "tools:listed",
      fields: { code: "Ab", list: ["a", "z"], tools: 501 },
    };
    const now = new Date();
    expect(validateEvent(reviveDefinitions(asJson), input, now)).toEqual(
      validateEvent(definitions, input, now),
    );
  });

  test.each([
    [{}, "`events --json-schema`"],
    [{ events: { "a:b": {} }, counts: [] }, 'Event "a:b" must be'],
    [
      { events: { "a:b": { description: "A.", fields: { x: { kind: "text" } } } }, counts: [] },
      'a:b.x: There is no field of kind "text"',
    ],
    [
      {
        events: {
          "a:b": {
            description: "A.",
            fields: { x: { kind: "token", pattern: ".*", max: 9, description: "B." } },
          },
        },
        counts: [],
      },
      "a:b.x: A token's pattern /.*/ can match",
    ],
  ])("are refused with the place where they can't be any: %#", (value, problem) => {
    expect(() => reviveDefinitions(value)).toThrow(problem);
  });
});
