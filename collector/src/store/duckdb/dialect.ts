import type { Dialect } from "../store.ts";
import { quoted } from "./schema.ts";

export const duckDbDialect: Dialect = {
  name: "duckdb",
  // Ids are known before they are written, so the table has each once.
  events: "events",
  distinct: (column) => `count(DISTINCT ${column})`,
  aboutDistinct: (column) => `approx_count_distinct(${column})`,
  quantile: (column, share) => `quantile_disc(${column}, ${share})`,
  countIf: (condition) => `count(*) FILTER (WHERE ${condition})`,
  sumIf: (value, condition) => `coalesce(sum(${value}) FILTER (WHERE ${condition}), 0)`,
  startOf: (step, column) => `date_trunc('${step}', ${column})::DATE`,
  // The reader does it, by the columns' types.
  value: ({ name }) => `"${name}"`,
  field(name, as) {
    const text = `(fields ->> ${quoted(`$."${name}"`)})`;
    switch (as) {
      case "boolean":
        return `TRY_CAST(${text} AS BOOLEAN)`;
      case "number":
        return `TRY_CAST(${text} AS DOUBLE)`;
      case "text":
        return text;
    }
  },
};
