import { isRecord } from "../support/files.ts";
import type { Field } from "./fields.ts";

/** A value as it may leave, or why it may not. */
export type Accepted = { value: FieldValue } | { problem: string };
export type FieldValue =
  | boolean
  | number
  | string
  | string[]
  | Record<string, boolean | number | string>;

/** Holds one value to its field. Pure; idempotent: what it returned, it returns again. */
export function accept(field: Field, value: unknown): Accepted {
  switch (field.kind) {
    case "boolean":
      return typeof value === "boolean" ? { value } : wrong("true or false", value);
    case "count":
      return Number.isInteger(value) && within(value, field.max)
        ? { value: value as number }
        : wrong(`a whole number from 0 to ${field.max}`, value);
    case "milliseconds":
    case "bytes":
      return within(value, field.max)
        ? { value: Math.round(value as number) }
        : wrong(`a number from 0 to ${field.max}`, value);
    case "bucket":
      return typeof value === "number" && Number.isFinite(value)
        ? { value: field.edges.findLast((edge) => edge <= value) ?? (field.edges[0] as number) }
        : wrong("a finite number", value);
    case "oneOf":
      return typeof value === "string"
        ? { value: field.values.includes(value) ? value : "other" }
        : wrong("one of a list of words", value);
    case "version": {
      const version = typeof value === "string" ? cutVersion(value) : undefined;
      return version === undefined ? wrong("a version", value) : { value: version };
    }
    case "token":
      return typeof value === "string" &&
        value.length <= field.max &&
        whole(field.pattern).test(value)
        ? { value }
        : wrong(`a token of at most ${field.max} characters`, value);
    case "hash":
      return typeof value === "string" && hashPattern.test(value)
        ? { value }
        : wrong("64 hexadecimal digits", value);
    case "listOf":
      return acceptList(field.item, field.max, value);
    case "mapOf":
      return acceptMap(field.keys, field.value, value);
  }
}

function acceptList(item: Field, max: number, value: unknown): Accepted {
  if (!Array.isArray(value)) return wrong("a list", value);
  const list: string[] = [];
  for (const entry of value.slice(0, max)) {
    const accepted = accept(item, entry);
    if ("value" in accepted) list.push(accepted.value as string);
  }
  return { value: list };
}

function acceptMap(keys: readonly string[], field: Field, value: unknown): Accepted {
  if (!isRecord(value)) return wrong("an object", value);
  const map: Record<string, boolean | number | string> = {};
  for (const key of keys) {
    if (!Object.hasOwn(value, key)) continue;
    const accepted = accept(field, value[key]);
    if ("value" in accepted) map[key] = accepted.value as boolean | number | string;
  }
  return { value: map };
}

/**
 * Pre-release words are a fixed list, since a branch or a person's name could stand there; the
 * rest, and build metadata, is cut off.
 */
export const versionSource = String.raw`v?\d{1,6}(?:\.\d{1,6}){0,3}(?:-(?:alpha|beta|rc|canary|next|nightly|dev|preview|experimental|insiders|pre|snapshot)(?:[.-]?\d{1,12}){0,3})?`;
let versionPattern: RegExp | undefined;

/** Most versions; a pattern for them takes longer to compile than all else that is done to one. */
export function isPlainVersion(text: string): boolean {
  const parts = text.split(".");
  return parts.length <= 4 && parts.every((part) => part.length <= 6 && `${+part >>> 0}` === part);
}

/** Without what somebody may have typed; undefined if nothing is left. */
export function cutVersion(text: string): string | undefined {
  if (isPlainVersion(text)) return text;
  versionPattern ??= new RegExp(`^(${versionSource})(?:[-+].*)?$`, "s");
  return versionPattern.exec(text)?.[1];
}

const hashPattern = /^[0-9a-f]{64}$/;

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

function within(value: unknown, max: number): boolean {
  return typeof value === "number" && value >= 0 && value <= max;
}

/** Says what a value should have been and what kind of thing it was, never the value itself. */
function wrong(expected: string, value: unknown): Accepted {
  return { problem: `should be ${expected}, is ${nature(value)}` };
}

function nature(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "number" ? "another number" : `a ${typeof value}`;
}
