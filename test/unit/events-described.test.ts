import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { accept } from "../../src/events/accept.ts";
import { buildEvents } from "../../src/events/build-events.ts";
import { defineEvents } from "../../src/events/define.ts";
import {
  describeEvent,
  describeField,
  groupFields,
  type JsonSchema,
} from "../../src/events/described.ts";
import { type Field, field } from "../../src/events/fields.ts";
import { payloadSchema } from "../../src/events/json-schema.ts";
import { sampleToken, unicodeSource } from "../../src/events/token-sample.ts";
import { describePayload } from "../../src/metadata/describe-payload.ts";

const says = "What it says.";
const kinds: [string, Field, unknown[], unknown[]][] = [
  ["boolean", field.boolean(says), [true, false], ["true", 1, null]],
  ["count", field.count(10, says), [0, 10], [11, -1, 1.5, "3"]],
  ["milliseconds", field.milliseconds(says), [0, 812], [-1, "812", 1e12]],
  ["bytes", field.bytes(says), [0, 2 ** 40], [-1, "1"]],
  ["bucket", field.bucket([0, 10, 100], says), [0, 10, 100], [5, 101, "0"]],
  ["oneOf", field.oneOf(["webpack", "vite"], says), ["webpack", "other"], ["parcel", ""]],
  ["version", field.version(says), ["5.99.0", "v22.1.0-rc.1"], ["5.99.0+ada", "1.0.0-ada"]],
  [
    "token",
    field.token({ pattern: /[a-z]{2}-\d+/, max: 8 }, says),
    ["ab-12"],
    ["ab-", "ab-1234567"],
  ],
  ["hash", field.hash(says), ["0".repeat(64)], ["0".repeat(63), "g".repeat(64)]],
  [
    "listOf",
    field.listOf(field.oneOf(["a", "b"], says), 2, says),
    [[], ["a", "other"]],
    [["c"], ["a", "a", "a"]],
  ],
  [
    "mapOf",
    field.mapOf(["js", "css"], field.count(9, says), says),
    [{}, { js: 3 }],
    [{ js: 10 }, { html: 1 }],
  ],
];

describe("a field's schema", () => {
  const ajv = new Ajv2020({ strict: true });

  test.each(kinds)("takes of a %s what can be sent, and nothing else", (_, of, taken, refused) => {
    const { schema } = describeField("it", of);
    const validate = ajv.compile(schema);
    for (const value of taken) {
      expect(accept(of, value)).toEqual({ value });
      expect(validate(value), JSON.stringify(value)).toBe(true);
    }
    for (const value of refused) expect(validate(value), JSON.stringify(value)).toBe(false);
  });

  test.each(kinds)("has an example of a %s that can be sent", (_, of) => {
    const { example, schema } = describeField("it", of);
    expect(accept(of, example)).toEqual({ value: example });
    expect(ajv.compile(schema)(example)).toBe(true);
  });

  test("tells units in the description", () => {
    const { schema } = describeField("it", field.milliseconds("How long."));
    expect(schema.description).toBe("How long. In milliseconds.");
    const map = field.mapOf(["js"], field.bytes("Size."), "Sizes.");
    expect(describeField("it", map).schema.description).toBe("Sizes. In bytes.");
  });
});

describe("a token's example", () => {
  test.each([
    ["[a-z]{1,12}", "a"],
    ["(?:main|beta)", "main"],
    ["v\\d+\\.\\d+", "v0.0"],
    ["[A-Z]{2}(-[a-z]{3})?", "AA-aaa"],
    ["(?<kind>[a-f0-9]{4,8})", "aaaa"],
    ["[^a-y]{2}", "zz"],
    ["x*?y", "xy"],
  ])("of %s is %s", (pattern, word) => {
    expect(sampleToken(pattern, 64)).toBe(word);
    expect(word).toMatch(new RegExp(`^(?:${pattern})$`));
  });

  test("is left out for a pattern that is too clever", () => {
    expect(sampleToken("(?=b)a", 64)).toBeUndefined();
    expect(sampleToken("[a-z]{8}", 4)).toBeUndefined();
  });
});

describe("a token's pattern", () => {
  test.each(["[\\w.\\-]{1,20}", "a\\-b", "[\\_a]", "\\:x", "[a-z\\.]+"])(
    "%s means the same to a reader in Unicode mode",
    (pattern) => {
      const unicode = new RegExp(`^(?:${unicodeSource(pattern)})$`, "u");
      const plain = new RegExp(`^(?:${pattern})$`);
      for (const word of ["a", "-", "_", "a-b", ":x", "a.b", "\\", "ab.c-d"]) {
        expect(unicode.test(word), word).toBe(plain.test(word));
      }
    },
  );
});

describe("an event that not every run records", () => {
  test.each([
    [0.1, "10 %"],
    [0.125, "12.5 %"],
    [1 / 3, "33.3333 %"],
    [0.0001, "0.01 %"],
  ])("says so to people: sample %d", (sample, words) => {
    const definition = { description: "It happened.", fields: {}, sample };
    const rate = `(sampleRate: ${sample})`;
    expect(describeEvent(definition)).toBe(
      `It happened. Recorded by ${words} of runs, chosen at random; it carries that rate ${rate}.`,
    );
    expect(describeEvent({ description: "It happened.", fields: {} })).toBe("It happened.");
  });

  test("and in its schema, which takes that rate alone", () => {
    const event = { description: "It happened.", fields: {}, sample: 0.1 };
    const definitions = defineEvents({ "page:seen": event, "page:left": { ...event, sample: 1 } });
    const facts = { definitions, metadata: "full", identity: "none", rotateDays: 365 } as const;
    const schema = payloadSchema(definitions, describePayload({ name: "acme", ...facts }));
    const of = (name: string) => (schema.$defs as Record<string, JsonSchema>)[name];
    expect(of("page:seen")).toHaveProperty("properties.sampleRate.const", 0.1);
    expect(of("page:seen")?.required).toEqual([
      ...["id", "timestamp", "sampleRate", "eventName", "fields"],
    ]);
    expect(of("page:left")?.required).not.toContain("sampleRate");
  });
});

describe("fields of several events", () => {
  test("are told once, those of most events first", () => {
    const groups = groupFields(defineEvents({ ...buildEvents }));
    expect(groups.map(({ events }) => events)).toEqual([
      ["build:completed", "build:failed"],
      ["build:completed"],
      ["build:failed"],
      ["usage:rollup"],
    ]);
    const names = groups.map(({ fields }) => fields.map(({ name }) => name));
    expect(names[1]).toEqual(["outputSize", "modulesCount"]);
    expect(names[2]).toEqual(["errorPhase", "errorType"]);
    expect(new Set(names[0]).size).toBe(names[0]?.length);
  });
});

describe("what else a payload holds", () => {
  const facts = { name: "acme", definitions: defineEvents({ ...buildEvents }), rotateDays: 365 };

  test.each(["coarse", "full", "none"] as const)(
    "%s: every example fits its schema",
    (metadata) => {
      const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
      for (const identity of ["installation", "none"] as const) {
        const { context, envelope, event, meta } = describePayload({
          ...facts,
          metadata,
          identity,
        });
        for (const { example, name, schema } of [...context, ...envelope, ...event, ...meta]) {
          expect(ajv.compile(schema)(example), name).toBe(true);
        }
        expect(meta).toHaveLength(15);
      }
    },
  );

  test("is empty where nothing is told of the machine, or nobody is", () => {
    const none = describePayload({ ...facts, metadata: "none", identity: "none" });
    for (const { schema } of [...none.meta, ...none.context]) expect(schema.const).toBeNull();
  });
});
