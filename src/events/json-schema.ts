import { requestMaxEvents } from "../support/limits.ts";
import type { Definitions, EventDefinition } from "./define.ts";
import { type DescribedField, describeFields, type JsonSchema } from "./described.ts";
import { fingerprint } from "./fingerprint.ts";

/** Whatever of a payload the event definitions don't say. */
export interface PayloadParts {
  /** The product. */
  name: string;
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
  const { name, envelope, context, meta, event } = parts;
  const events = Object.entries(definitions.events);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:sendoff:${name}:${fingerprint(definitions)}`,
    title: `What ${name} sends`,
    description: "One request. Every field that can leave is listed; there are no others.",
    ...closed({
      ...propertiesOf(envelope),
      context: { description: "Who, without saying who.", ...closed(propertiesOf(context)) },
      meta: { description: "Where the build ran.", ...closed(propertiesOf(meta)) },
      events: {
        description: "What happened.",
        type: "array",
        minItems: 1,
        maxItems: requestMaxEvents,
        items: { oneOf: events.map(([eventName]) => ({ $ref: `#/$defs/${eventName}` })) },
      },
    }),
    $defs: Object.fromEntries(
      events.map(([eventName, definition]) => [
        eventName,
        eventSchema(eventName, definition, event),
      ]),
    ),
  };
}

/** An event names its kind; each of its fields may be left out. */
function eventSchema(
  eventName: string,
  definition: EventDefinition,
  common: readonly DescribedField[],
): JsonSchema {
  const fields = propertiesOf(describeFields(definition));
  return {
    description: definition.description,
    ...closed({
      ...propertiesOf(common),
      eventName: { const: eventName },
      fields: { type: "object", properties: fields, additionalProperties: false },
    }),
  };
}

function closed(properties: Record<string, JsonSchema>): JsonSchema {
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
