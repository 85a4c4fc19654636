import type { JsonSchema } from "../../../src/events/described.ts";
import { isRecord } from "../../../src/support/files.ts";

export type Check = (value: unknown) => boolean;

/**
 * A schema of the client's own descriptions (`describePayload`) as a function: no code is made from
 * text, so that it works where that is forbidden, and a keyword that it does not know is an error
 * instead of a hole.
 */
export function checkOf(schema: JsonSchema): Check {
  return all(
    Object.entries(schema).flatMap(([keyword, value]) => checkOfKeyword(keyword, value, schema)),
  );
}

/** Calls within calls: some thirty of them for each event, and a loop would cost most of it. */
function all([first, ...others]: readonly Check[]): Check {
  if (!first) return () => true;
  if (others.length === 0) return first;
  const rest = all(others);
  return (value) => first(value) && rest(value);
}

function any([first, ...others]: readonly Check[]): Check {
  if (!first) return () => false;
  if (others.length === 0) return first;
  const rest = any(others);
  return (value) => first(value) || rest(value);
}

function checkOfKeyword(keyword: string, argument: unknown, schema: JsonSchema): Check[] {
  switch (keyword) {
    case "description":
    case "examples":
    case "required":
    case "additionalProperties":
      return [];
    case "const":
      return [(value) => value === argument];
    case "enum": {
      const values = new Set(argument as unknown[]);
      return [(value) => values.has(value)];
    }
    case "type":
      return [types[argument as keyof typeof types]];
    case "pattern": {
      const pattern = new RegExp(argument as string, "u");
      return [(value) => typeof value === "string" && pattern.test(value)];
    }
    case "minimum":
      return [(value) => typeof value === "number" && value >= (argument as number)];
    case "anyOf":
      return [any((argument as JsonSchema[]).map(checkOf))];
    case "properties":
      return [closedObject(argument as Record<string, JsonSchema>, schema)];
    default:
      throw new TypeError(`The schema keyword "${keyword}" is not understood here.`);
  }
}

/** All of them there, and no others, as the client's schemas of objects say. */
function closedObject(properties: Record<string, JsonSchema>, schema: JsonSchema): Check {
  const checks = Object.entries(properties).map(([name, part]) => ({ name, check: checkOf(part) }));
  if (schema.additionalProperties !== false || checks.length !== (schema.required as []).length) {
    throw new TypeError("A schema of an object that is not closed is not understood here.");
  }
  return (value) =>
    isRecord(value) &&
    Object.keys(value).length === checks.length &&
    checks.every(({ name, check }) => Object.hasOwn(value, name) && check(value[name]));
}

const types = {
  string: (value: unknown) => typeof value === "string",
  number: (value: unknown) => typeof value === "number",
  boolean: (value: unknown) => typeof value === "boolean",
  null: (value: unknown) => value === null,
  object: isRecord as Check,
};
