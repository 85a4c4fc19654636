import type { Parameters } from "../store.ts";
import type { Flavor } from "./flavor.ts";
import { quoted } from "./quoted.ts";

/** Quoted text and names, casts; then a parameter's mark, or a word. */
const MARK = /'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|\\.)*"|::|:([A-Za-z_]\w*)|\b(true|false)\b/gi;

export interface BoundStatement {
  query: string;
  parameters: Record<string, unknown>;
}

/**
 * `:name` as the engine's typed parameters; a legacy engine has none and gets literals.
 * @throws TypeError for a mark without a value.
 */
export function bind(sql: string, values: Parameters, flavor: Flavor): BoundStatement {
  const parameters: Record<string, unknown> = {};
  const query = sql.replace(MARK, (found: string, name?: string, word?: string) => {
    if (word !== undefined) {
      return flavor === "current" ? word : literal(word.toLowerCase() === "true");
    }
    if (name === undefined) {
      return found;
    }
    const value = values[name];
    if (value === undefined) {
      throw new TypeError(`The query's :${name} has no value.`);
    }
    if (flavor === "legacy") {
      return literal(value);
    }
    parameters[name] = value;
    return `{${name}:${typeOf(value)}}`;
  });
  return { query, parameters };
}

function typeOf(value: Parameters[string]): string {
  switch (typeof value) {
    case "string":
      return "String";
    case "boolean":
      return "Bool";
    case "number":
      return Number.isSafeInteger(value) ? "Int64" : "Float64";
    default:
      return value === null ? "Nullable(String)" : "Array(String)";
  }
}

function literal(value: Parameters[string]): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "boolean":
      return value ? "1" : "0";
    case "number":
      return String(value);
    default:
      // A tuple of none is no tuple.
      return value === null ? "NULL" : `(${value.map(quoted).join(", ") || "NULL"})`;
  }
}
