import { versionSource } from "./accept.ts";
import type { Definitions, EventDefinition } from "./define.ts";
import type { Field } from "./fields.ts";
import { sampleToken, unicodeSource } from "./token-sample.ts";

/** A JSON Schema (2020-12), or a part of one. */
export type JsonSchema = Record<string, unknown>;

/**
 * A field as people are told about it, in a terminal and in TELEMETRY.md, and as a reader can check
 * it. The event definitions' fields become this, and so do those of context and metadata, so that a
 * page shows everything that leaves in one form.
 */
export interface DescribedField {
  name: string;
  /** One sentence. */
  description: string;
  /** What its value is: `milliseconds`, `true or false`; before a list of values: `one of`. */
  type: string;
  /** All there are, where it is a list. */
  values?: readonly (string | number)[];
  example: unknown;
  schema: JsonSchema;
  /** Only of context, metadata and what an event has around its fields: those may be left out. */
  isOptional?: true;
}

/** Fields that the same events have, in the order of the definitions. */
export interface FieldGroup {
  /** Their names. */
  events: string[];
  fields: DescribedField[];
}

/** Every field once, though several events may have it. Those of most events come first. */
export function groupFields({ events }: Definitions): FieldGroup[] {
  const owners = new Map<string, { field: DescribedField; events: string[] }>();
  for (const [eventName, definition] of Object.entries(events)) {
    for (const field of describeFields(definition)) {
      const key = JSON.stringify(field);
      const owner = owners.get(key) ?? { field, events: [] };
      owner.events.push(eventName);
      owners.set(key, owner);
    }
  }
  const groups = new Map<string, FieldGroup>();
  for (const { field, events } of owners.values()) {
    const key = events.join(" ");
    const group = groups.get(key) ?? { events, fields: [] };
    group.fields.push(field);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.events.length - a.events.length);
}

/** When it is recorded, and by which share of runs where that isn't all of them. */
export function describeEvent({ description, sample }: EventDefinition): string {
  return sample === undefined ? description : `${description} ${sampleWords(sample)}`;
}

export function sampleWords(sample: number): string {
  const percent = Number((sample * 100).toPrecision(6));
  return `Recorded by ${percent} % of runs, chosen at random; it carries that rate (sampleRate: ${sample}).`;
}

export function describeFields({ fields }: EventDefinition): DescribedField[] {
  return Object.entries(fields).map(([name, field]) => describeField(name, field));
}

export function describeField(name: string, field: Field): DescribedField {
  const { description } = field;
  const { unit, ...facts } = factsOf(field);
  const said = unit === undefined ? description : `${description} In ${unit}.`;
  const schema = { description: said, ...facts.schema, examples: [facts.example] };
  return { name, description, ...facts, schema };
}

interface Facts {
  type: string;
  values?: readonly (string | number)[];
  example: unknown;
  schema: JsonSchema;
  unit?: string;
}

/** What `accept` lets through, in the three languages: words, an example, a schema. */
function factsOf(field: Field): Facts {
  switch (field.kind) {
    case "boolean":
      return { type: "true or false", example: true, schema: { type: "boolean" } };
    case "count":
      return {
        type: `whole number up to ${field.max.toLocaleString("en")}`,
        example: Math.min(3, field.max),
        schema: { type: "integer", minimum: 0, maximum: field.max },
      };
    case "milliseconds":
      return measure("milliseconds", 812, field.max);
    case "bytes":
      return measure("bytes", 48_213, field.max);
    case "bucket":
      return {
        type: "the largest that is not above it, of",
        values: field.edges,
        example: field.edges[Math.floor(field.edges.length / 2)],
        schema: { enum: field.edges },
      };
    case "oneOf": {
      const values = withOther(field.values);
      return { type: "one of", values, example: values[0], schema: { enum: values } };
    }
    case "version":
      return {
        type: "version",
        example: "5.99.0",
        schema: { type: "string", pattern: `^${versionSource}$` },
      };
    case "token":
      return {
        type: `word of up to ${field.max} characters that matches ${field.pattern}`,
        example: sampleToken(field.pattern, field.max),
        schema: {
          type: "string",
          maxLength: field.max,
          pattern: `^(?:${unicodeSource(field.pattern)})$`,
        },
      };
    case "hash":
      return {
        type: "64 hexadecimal digits",
        example: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        schema: { type: "string", pattern: "^[0-9a-f]{64}$" },
      };
    case "listOf": {
      const item = factsOf(field.item);
      return {
        type: `list of up to ${field.max}, each ${item.type}`,
        ...(item.values && { values: item.values }),
        example: item.example === undefined ? [] : [item.example],
        schema: { type: "array", maxItems: field.max, items: item.schema },
      };
    }
    case "mapOf": {
      const value = factsOf(field.value);
      const words = value.values ? `${value.type} ${value.values.join(", ")}` : value.type;
      return {
        type: `${words}, for some of`,
        values: field.keys,
        example: value.example === undefined ? {} : { [field.keys[0] as string]: value.example },
        schema: {
          type: "object",
          properties: Object.fromEntries(field.keys.map((key) => [key, value.schema])),
          additionalProperties: false,
        },
        ...(value.unit !== undefined && { unit: value.unit }),
      };
    }
  }
}

function measure(unit: string, example: number, maximum: number): Facts {
  const schema = { type: "integer", minimum: 0, maximum };
  return { type: unit, unit, example: Math.min(example, maximum), schema };
}

/** What isn't listed becomes `other`. */
function withOther(values: readonly string[]): string[] {
  return [...new Set([...values, "other"])];
}
