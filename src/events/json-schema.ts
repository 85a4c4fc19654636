import { requestMaxEvents } from "../support/limits.ts";
import { versionSource } from "./accept.ts";
import type { Definitions, EventDefinition } from "./define.ts";
import { type DescribedField, describeFields, type JsonSchema, sampleWords } from "./described.ts";
import { fingerprint } from "./fingerprint.ts";

/** Whatever of a payload the event definitions don't say. */
export interface PayloadParts {
  /** The product. */
  name: string;
  /** What decides how its payloads look, besides the definitions. */
  facts: Record<string, unknown>;
  /** `schemaVersion`, `definitions`, `batchId`. */
  envelope: readonly DescribedField[];
  context: readonly DescribedField[];
  meta: readonly DescribedField[];
  /** `id` and `timestamp`. */
  event: readonly DescribedField[];
}

/**
 * The schema of a request's body, in JSON Schema 2020-12: what it takes is what may leave, and
 * nothing else. Units stand in the descriptions.
 */
export function payloadSchema(definitions: Definitions, parts: PayloadParts): JsonSchema {
  const { name, envelope, context, meta } = parts;
  return {
    $schema: draft,
    $id: `urn:sendoff:${name}:${fingerprint(definitions)}`,
    title: `What ${name} sends`,
    description: "One request. Every field that can leave is listed; there are no others.",
    ...closed({
      ...propertiesOf(envelope),
      context: contextSchema(context),
      meta: { description: "Where the build ran.", ...closed(propertiesOf(meta)) },
      events: eventsSchema(definitions),
    }),
    $defs: { Product: productSchema(definitions, parts), ...eventSchemas(definitions, parts) },
  };
}

/**
 * The definitions as data, for a collector, which makes the product's own allowlist from them. A
 * constant, since a validator in strict mode takes no keywords of ours; a name in upper case, since
 * no event has one.
 */
function productSchema({ events, counts }: Definitions, { name, facts }: PayloadParts): JsonSchema {
  return {
    description: "What these schemas are made from, as data.",
    const: { name, ...facts, events, counts },
  };
}

/** What a batch says besides its content: where it goes, and how much the sender adds to it. */
export interface BatchFacts {
  sinks: readonly object[];
  metadata: string;
}

/**
 * The schema of a batch file as programs in other languages write it; docs/batch-file.md. Of `meta`
 * they say what only they know, as `facts`.
 */
export function batchSchema(
  definitions: Definitions,
  parts: PayloadParts,
  { sinks, metadata }: BatchFacts,
): JsonSchema {
  const { name, envelope, context, meta } = parts;
  const { batchId, ...constants } = propertiesOf(envelope);
  const facts = meta.filter((field) => factNames.includes(field.name));
  return {
    $schema: draft,
    $id: `urn:sendoff:${name}:${fingerprint(definitions)}:batch`,
    title: `A batch of ${name}`,
    description: "A file in the spool, from which a sender makes a request.",
    ...closed({
      format: { const: 1 },
      product: { const: name },
      version: { description: "The product's.", type: "string", pattern: `^${versionSource}$` },
      batchId: { ...batchId, description: "A random UUID, which is in the file's name, too." },
      sinks: { description: "Where it goes.", const: sinks },
      metadata: { description: "How much of the machine the sender adds.", const: metadata },
      content: closed({
        ...constants,
        context: contextSchema(context),
        events: eventsSchema(definitions),
      }),
      facts: closed(propertiesOf(facts)),
    }),
    $defs: eventSchemas(definitions, parts),
  };
}

const draft = "https://json-schema.org/draft/2020-12/schema";
const factNames = ["isCI", "ciName", "runtime", "runtimeVersion", "packageManager", "agent"];

function contextSchema(context: readonly DescribedField[]): JsonSchema {
  return { description: "Who, without saying who.", ...closed(propertiesOf(context)) };
}

function eventsSchema({ events }: Definitions): JsonSchema {
  return {
    description: "What happened.",
    type: "array",
    minItems: 1,
    maxItems: requestMaxEvents,
    items: { oneOf: Object.keys(events).map((name) => ({ $ref: `#/$defs/${name}` })) },
  };
}

function eventSchemas({ events }: Definitions, { event }: PayloadParts): JsonSchema {
  const schemas = Object.entries(events).map(([name, definition]) => [
    name,
    eventSchema(name, definition, event),
  ]);
  return Object.fromEntries(schemas);
}

/** An event names its kind; each of its fields may be left out. */
function eventSchema(
  eventName: string,
  definition: EventDefinition,
  common: readonly DescribedField[],
): JsonSchema {
  const { description, sample } = definition;
  const fields = propertiesOf(describeFields(definition));
  const optional = common.filter(({ isOptional }) => isOptional).map(({ name }) => name);
  const sampleRate = sample !== undefined && { description: sampleWords(sample), const: sample };
  const event = closed({
    ...propertiesOf(common),
    ...(sampleRate && { sampleRate }),
    eventName: { const: eventName },
    fields: { type: "object", properties: fields, additionalProperties: false },
  });
  return {
    description,
    ...event,
    required: event.required.filter((name) => !optional.includes(name)),
  };
}

function closed(properties: Record<string, JsonSchema>) {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

function propertiesOf(fields: readonly DescribedField[]): Record<string, JsonSchema> {
  return Object.fromEntries(fields.map(({ name, schema }) => [name, schema]));
}
