import { isRecord } from "../support/files.ts";

/** What a product's `fields` returned. @throws TypeError for what is no object, or is one later. */
export function plainFields(fields: unknown): Record<string, unknown> {
  if (isRecord(fields) && !("then" in fields)) return fields;
  // A promise that is rejected, and that nobody awaits, would end the build's process.
  Promise.resolve(fields).catch(() => {});
  throw new TypeError("`fields` must return an object, and at once");
}
