import { isRecord } from "../support/files.ts";
import { type Definitions, defineEvents, type EventDefinition } from "./define.ts";
import { type Field, field, type ItemField, type ScalarField } from "./fields.ts";
import { errorTypeList } from "./known-lists.ts";
import { rollupEventName } from "./rollup-event.ts";

/**
 * Definitions out of JSON, as a collector gets them: made anew by the makers a product uses, so that
 * they are held to the same rules, and have the same fingerprint.
 * @throws TypeError, RangeError for what can't be definitions, with the place and the fix.
 */
export function reviveDefinitions(value: unknown): Definitions {
  if (!isRecord(value) || !isRecord(value.events) || !Array.isArray(value.counts)) {
    throw new TypeError(
      "Definitions must be { events, counts }: write them by `events --json-schema`.",
    );
  }
  const events = Object.entries(value.events)
    .filter(([name]) => name !== rollupEventName)
    .map(([name, event]): [string, EventDefinition] => [name, reviveEvent(name, event)]);
  return defineEvents(Object.fromEntries(events), { counts: value.counts });
}

function reviveEvent(name: string, event: unknown): EventDefinition {
  if (!isRecord(event) || !isRecord(event.fields)) {
    throw new TypeError(`Event "${name}" must be { description, fields }.`);
  }
  const fields = Object.entries(event.fields).map(([fieldName, raw]): [string, Field] => {
    try {
      return [fieldName, reviveField(raw)];
    } catch (error) {
      throw new TypeError(`${name}.${fieldName}: ${(error as Error).message}`);
    }
  });
  const { description, sample } = event;
  return { description, sample, fields: Object.fromEntries(fields) } as EventDefinition;
}

// What the makers get here is only claimed to be of their types; they check it.
function reviveField(raw: unknown): Field {
  if (!isRecord(raw)) throw new TypeError("A field must be an object with a kind.");
  const { kind, description, max } = raw as { kind: string; description: string; max: number };
  switch (kind) {
    case "boolean":
    case "milliseconds":
    case "bytes":
    case "version":
    case "hash":
      return field[kind](description);
    case "count":
      return field.count(max, description);
    case "bucket":
      return field.bucket(raw.edges as number[], description);
    case "oneOf":
      return field.oneOf(known(raw.values as string[]), description);
    case "token":
      return field.token({ pattern: new RegExp(String(raw.pattern)), max }, description);
    case "listOf":
      return field.listOf(reviveField(raw.item) as ItemField, max, description);
    case "mapOf":
      return field.mapOf(raw.keys as string[], reviveField(raw.value) as ScalarField, description);
    default:
      throw new TypeError(`There is no field of kind "${kind}": is this file of a newer sendoff?`);
  }
}

/** The list itself where it is one of ours, which nobody has to check again. */
function known(values: string[]): readonly string[] {
  const ours = errorTypeList.words();
  return JSON.stringify(values) === JSON.stringify(ours) ? ours : values;
}
