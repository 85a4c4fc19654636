import { hash128 } from "../support/hash.ts";
import type { Definitions } from "./define.ts";
import { knownHash } from "./known-lists.ts";

/** The version of the wire format. It changes when a reader of the old one would be misled. */
export const schemaVersion = 1;

/**
 * 32 hexadecimal digits that name exactly these definitions, descriptions left out: a collector
 * looks up by it what a batch was allowed to hold.
 */
export function fingerprint(definitions: Definitions): string {
  return hash128(canonical(definitions));
}

/** A loop, and no functions passed on: what runs once a build is never compiled, and those cost most. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return knownHash(value) ?? hash128(JSON.stringify(value));
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const parts = value as Record<string, unknown>;
  let text = "";
  for (const name of Object.keys(parts).sort()) {
    const known = name === "values" ? knownHash(value) : undefined;
    const part = known ?? parts[name];
    if (name === "description" && typeof part === "string") continue;
    text += `${text && ","}${JSON.stringify(name)}:${known ?? canonical(part)}`;
  }
  return `{${text}}`;
}

/** Every field that can be sent, as `event.field`: what the notice has to have told. */
export function collectedFields(definitions: Definitions): string[] {
  return Object.entries(definitions.events).flatMap(([name, event]) =>
    Object.keys(event.fields).map((fieldName) => `${name}.${fieldName}`),
  );
}
