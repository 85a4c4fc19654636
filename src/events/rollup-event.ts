import { field } from "./fields.ts";

/** What `telemetry.count` becomes: one event a name and day, when the day is over. */
export const rollupEventName = "usage:rollup";

export function rollupEvent(counts: readonly string[]) {
  return {
    description: "How often something happened on one day, which the timestamp names.",
    fields: {
      name: field.oneOf(counts, "What was counted."),
      count: field.count(10_000_000, "How often it happened."),
      errors: field.count(10_000_000, "How many of them ended in an error."),
      productVersion: field.version("The version of the product that counted."),
    },
  };
}
