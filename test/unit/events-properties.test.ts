import { isDeepStrictEqual } from "node:util";
import { Ajv2020, type AnySchema } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { accept } from "../../src/events/accept.ts";
import { type Definitions, defineEvents, type EventSet } from "../../src/events/define.ts";
import { describeField } from "../../src/events/described.ts";
import { type Field, field, type ItemField, type ScalarField } from "../../src/events/fields.ts";
import { payloadSchema } from "../../src/events/json-schema.ts";
import { validateEvent } from "../../src/events/validate.ts";
import { describePayload } from "../../src/metadata/describe-payload.ts";
import { payloadOf } from "../../src/spool/index.ts";
import { resolveOptions } from "../../src/tracker/resolve-options.ts";
import { batchBase, wireEvents } from "../../src/tracker/write-batch.ts";

/**
 * Definitions and values made up by fast-check. `PROPERTIES=long` is CI's form, with 100,000 values
 * a property; `PROPERTIES_SEED` repeats a run.
 */
const isLong = process.env.PROPERTIES === "long";
const valuesPerDefinition = isLong ? 250 : 20;
const numRuns = isLong ? 400 : 20;
const seed = Number(process.env.PROPERTIES_SEED ?? Date.now() % 2 ** 31);
const parameters = { numRuns, seed };
const timeout = 10 * 60 * 1000;
console.log(`PROPERTIES_SEED=${seed}, ${numRuns * valuesPerDefinition} values a property`);

// As any reader of JSON Schema: a prototype's names are nobody's fields.
const schemas = () => new Ajv2020({ strict: true, allowUnionTypes: true, ownProperties: true });

const says = "What it says.";
const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,9}$/);
const awkward = fc.constantFrom(
  "constructor",
  "toString",
  "other",
  "hasOwnProperty",
  "0",
  "length",
);
const words = fc.uniqueArray(fc.oneof(word, awkward), { minLength: 1, maxLength: 8 });
const max = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(Number.MAX_SAFE_INTEGER));
const edges = fc
  .uniqueArray(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), {
    minLength: 1,
    maxLength: 8,
    comparator: (a, b) => a === b,
  })
  .map((numbers) => numbers.toSorted((a, b) => a - b));
const patterns = [
  ...[/[a-z]{1,12}/, /\w+/, /[\w.-]{1,20}/, /v?\d+(\.\d+)*/, /(?:esm|cjs|es20\d\d)/, /[a-z]*/],
  ...[/[A-Z]{2}\d{4,5}/, /^a$|b|/, /[\]_]+/, /[a-z]+(?:-[a-z]+)*/, /:[._a]/],
  // With escapes that Unicode mode refuses.
  ...[String.raw`[\w.\-]{1,20}`, String.raw`\:[\.\_a]`].map((source) => new RegExp(source)),
];

const oneOf = words.map((values) => field.oneOf(values, says));
const token = fc
  .record({
    pattern: fc.constantFrom(...patterns),
    max: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(64)),
  })
  .map((shape) => field.token(shape, says));
const scalar: fc.Arbitrary<ScalarField> = fc.oneof(
  fc.constantFrom(field.boolean(says), field.milliseconds(says), field.bytes(says)),
  fc.constantFrom(field.version(says), field.hash(says)),
  max.map((most) => field.count(most, says)),
  edges.map((numbers) => field.bucket(numbers, says)),
  oneOf,
  token,
);
const item: fc.Arbitrary<ItemField> = fc.oneof(oneOf, token);
const anyField: fc.Arbitrary<Field> = fc.oneof(
  { weight: 3, arbitrary: scalar },
  fc.tuple(item, fc.integer({ min: 1, max: 5 })).map(([of, most]) => field.listOf(of, most, says)),
  fc.tuple(words, scalar).map(([keys, of]) => field.mapOf(keys, of, says)),
);

const json = fc.jsonValue({ maxDepth: 2 }).map(asJson);
const numbers = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 0, 0.5, -1, 2 ** 53, 7 * 24 * 60 * 60 * 1000, 7 * 24 * 60 * 60 * 1000 + 1),
);
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("other", "", "/home/jo", "a@b.c", "😀", "x\n", "\u2028", "__proto__"),
);

/** As JSON carries it. */
function asJson(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? null : JSON.parse(text);
}

/** Values that a field takes, values that it just doesn't, and any other. */
function valueFor(of: Field): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 4, arbitrary: nearOf(of) }, json, numbers.map(asJson), texts);
}

function nearOf(of: Field): fc.Arbitrary<unknown> {
  switch (of.kind) {
    case "boolean":
      return fc.boolean();
    case "count":
    case "milliseconds":
    case "bytes":
      return fc.oneof(
        fc.integer({ min: 0, max: Math.min(of.max, 2 ** 31 - 1) }),
        fc.constantFrom(of.max, of.max + 1, of.max - 0.5),
        numbers.map(asJson),
      );
    case "bucket":
      return fc.oneof(fc.constantFrom(...of.edges), numbers.map(asJson));
    case "oneOf":
      return fc.oneof(fc.constantFrom(...of.values), fc.constantFrom("constructor", "other"));
    case "version":
      return fc
        .tuple(
          fc.stringMatching(/^v?\d{1,7}(\.\d{1,7}){0,4}$/),
          fc.constantFrom("", "-rc.1", "-pre", "-preview12", "-ada", "+b1", "-next-1.2.3.4", "\n"),
        )
        .map((parts) => parts.join(""));
    case "token":
      return fc
        .tuple(
          fc.stringMatching(new RegExp(`^(?:${of.pattern})$`)),
          fc.constantFrom("", "", "\n", "/"),
        )
        .map((parts) => parts.join(""));
    case "hash":
      return fc.stringMatching(/^[0-9a-fA-F]{63,65}$|^[0-9a-f]{64}$/);
    case "listOf":
      return fc.array(valueFor(of.item), { maxLength: of.max + 1 });
    case "mapOf":
      return fc.oneof(
        fc.dictionary(fc.constantFrom(...of.keys), valueFor(of.value)),
        fc.dictionary(fc.oneof(awkward, fc.constant("__proto__")), valueFor(of.value)),
      );
  }
}

test(
  "a field takes a value unchanged if and only if its JSON Schema takes it",
  () => {
    const cases = anyField.chain((of) => fc.tuple(fc.constant(of), many(valueFor(of))));
    let taken = 0;
    fc.assert(
      fc.property(cases, ([of, values]) => {
        const isValid = schemas().compile(describeField("it", of).schema);
        for (const value of values) {
          const isTaken = takesUnchanged(of, value);
          if (isTaken) taken += 1;
          expect(isValid(value), JSON.stringify({ of, value })).toBe(isTaken);
        }
      }),
      parameters,
    );
    console.log(`${taken} of ${numRuns * valuesPerDefinition} values taken`);
    // Both answers are asked for.
    expect(taken / (numRuns * valuesPerDefinition)).toBeGreaterThan(0.05);
    expect(taken / (numRuns * valuesPerDefinition)).toBeLessThan(0.95);
  },
  timeout,
);

function many<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(arbitrary, { minLength: valuesPerDefinition, maxLength: valuesPerDefinition });
}

function takesUnchanged(of: Field, value: unknown): boolean {
  const accepted = accept(of, value);
  return "value" in accepted && isDeepStrictEqual(asJson(accepted.value), asJson(value));
}

test(
  "what a field has taken it takes again, unchanged, and so does its JSON Schema",
  () => {
    const anything = fc.oneof(fc.anything(), numbers, texts);
    const cases = anyField.chain((of) =>
      fc.tuple(fc.constant(of), many(fc.oneof(valueFor(of), anything))),
    );
    fc.assert(
      fc.property(cases, ([of, values]) => {
        const isValid = schemas().compile(describeField("it", of).schema);
        for (const value of values) {
          const first = accept(of, value);
          if (!("value" in first)) continue;
          expect(accept(of, first.value)).toEqual(first);
          expect(isValid(asJson(first.value)), JSON.stringify({ of, first })).toBe(true);
        }
      }),
      parameters,
    );
  },
  timeout,
);

const name = fc.oneof(fc.stringMatching(/^[a-z][A-Za-z0-9]{0,9}$/), fc.constantFrom("constructor"));
const eventName = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}(:[a-z][a-z0-9-]{0,9})?$/);
const definitions: fc.Arbitrary<Definitions> = fc
  .dictionary(
    eventName.filter((it) => it !== "usage:rollup"),
    fc.record(
      {
        description: fc.constant(says),
        fields: fc.dictionary(name, anyField, { maxKeys: 5, noNullPrototype: true }),
        sample: fc.constantFrom(0.1, 0.5, 1),
      },
      { requiredKeys: ["description", "fields"] },
    ),
    { minKeys: 1, maxKeys: 4, noNullPrototype: true },
  )
  .map((events) => defineEvents(events as EventSet));

/** Events of those definitions, with more and less than they should have. */
function eventFor({ events }: Definitions): fc.Arbitrary<Record<string, unknown>> {
  const extra = fc.dictionary(fc.oneof(name, awkward), json, { maxKeys: 1 });
  const each = Object.entries(events).map(([of, { fields: kinds }]) => {
    const fields = Object.entries(kinds);
    const listed = Object.fromEntries(fields.map(([key, kind]) => [key, valueFor(kind)]));
    return fc.record({
      eventName: fc.oneof({ weight: 9, arbitrary: fc.constant(of) }, texts),
      fields: fc
        .tuple(
          fc.record(listed, { requiredKeys: [] }),
          fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, extra),
        )
        .map(([some, more]) => ({ ...more, ...some })),
    });
  });
  return fc.oneof(...each);
}

const machine = {
  platform: "linux" as const,
  systemRelease: "6.1.0-21-amd64",
  arch: "x64",
  cpuCores: 7,
  cpuModel: "AMD EPYC 7B13",
  cpuSpeed: 2450,
  memoryTotal: 31_941,
  isDocker: false,
  isWsl: false,
};
const levels = fc.record({
  metadata: fc.constantFrom("coarse" as const, "full" as const, "none" as const),
  identity: fc.constantFrom("installation" as const, "none" as const),
});
const ids = { anonymousId: "ab".repeat(32), projectHash: null, sessionId: "cd".repeat(32) };
const nobody = { anonymousId: null, projectHash: null, sessionId: null };
const facts = {
  ...{ isCI: false, ciName: null, ciVendor: null, packageManager: "pnpm" as const, agent: null },
  ...{ runtime: "node" as const, runtimeVersion: "22.1.0" },
};
const id = "d3372ce5-9472-488f-912f-202521daf5e1";

/** What would be POSTed of these events, and whether the schema that we publish takes it. */
function published(
  of: Definitions,
  level: { metadata: "coarse" | "full" | "none"; identity: "installation" | "none" },
) {
  const options = resolveOptions({
    ...{ name: "acme", version: "1.1.3", endpoint: "https://telemetry.acme.dev/v1" },
    ...{ events: of, ...level },
  });
  const base = batchBase(options, level.identity === "none" ? nobody : ids, facts, undefined);
  const isValid = schemas().compile(payloadSchema(of, describePayload(options)) as AnySchema);
  const payload = (events: Parameters<typeof wireEvents>[1]) =>
    asJson(
      payloadOf(
        { ...base, batchId: id, content: { ...base.content, events: wireEvents(base, events) } },
        machine,
      ),
    );
  return { isValid, payload };
}

test(
  "whatever is recorded, what leaves is valid by the JSON Schema, and would be recorded as it is",
  () => {
    const anything = fc.record(
      { eventName: texts, fields: fc.anything(), timestamp: fc.anything() },
      { requiredKeys: [] },
    );
    const cases = fc
      .tuple(definitions, levels)
      .chain(([of, level]) =>
        fc.tuple(
          fc.constant(of),
          fc.constant(level),
          many(fc.oneof({ weight: 4, arbitrary: eventFor(of) }, anything, fc.anything())),
        ),
      );
    fc.assert(
      fc.property(cases, ([of, level, inputs]) => {
        const { isValid, payload } = published(of, level);
        for (const input of inputs) {
          const { event } = validateEvent(of, input, new Date());
          if (!event) continue;
          const again = validateEvent(of, event, new Date());
          expect(again).toEqual({ event, dropped: [] });
          const firstOf = level.identity === "none" && {
            firstOf: { day: true, week: false, month: true },
          };
          const valid = isValid(payload([{ id, ...event, ...firstOf }]));
          if (!valid) expect.fail(JSON.stringify({ event, errors: isValid.errors }));
        }
      }),
      parameters,
    );
  },
  timeout,
);

test(
  "a request is valid by the JSON Schema if and only if its event would be recorded as it is",
  () => {
    const cases = fc
      .tuple(definitions, levels)
      .chain(([of, level]) => fc.tuple(fc.constant(of), fc.constant(level), many(eventFor(of))));
    let taken = 0;
    fc.assert(
      fc.property(cases, ([of, level, inputs]) => {
        const { isValid, payload } = published(of, level);
        for (const input of inputs) {
          const timestamp = "2026-03-01T10:00:00.000Z";
          const wire = asJson(input) as { eventName: string; fields: Record<string, never> };
          const { event } = validateEvent(of, { ...wire, timestamp }, new Date());
          const sampleRate = of.events[wire.eventName]?.sample;
          const isTaken = isDeepStrictEqual(asJson(event?.fields), wire.fields);
          const request = payload([
            { id, timestamp, ...wire, ...(sampleRate !== undefined && { sampleRate }) },
          ]);
          if (isTaken) taken += 1;
          if (isValid(request) !== isTaken) {
            expect.fail(JSON.stringify({ wire, isTaken, errors: isValid.errors }));
          }
        }
      }),
      parameters,
    );
    console.log(`${taken} of ${numRuns * valuesPerDefinition} requests taken`);
    expect(taken / (numRuns * valuesPerDefinition)).toBeGreaterThan(0.05);
  },
  timeout,
);
