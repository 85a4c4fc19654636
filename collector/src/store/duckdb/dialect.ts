import type { FieldColumns } from "../field-columns.ts";
import type { Dialect } from "../store.ts";
import { fieldSql, fieldsSql } from "./fields.ts";
import { quoted } from "./quoted.ts";

/**
 * What is fast with 10 million events in 90 days, in milliseconds of processor for 30 days:
 *
 * - Reading them 20, with three texts compared 50 by `list_contains`, which looks at each of a
 *   column's few texts once, and 125 by `IN`, which looks at every row's.
 * - Different installations 45 more, of each bundler 80, of each day 250: then the engine has a hash
 *   table of more than a million. Bits do it in 45.
 * - Of each entry of a list 500 more: pairs of a text and an installation. By a hash of the text, which
 *   has 64 bits as that of an installation has, 350.
 * - `quantile_disc` 80, with one list of shares for all percentiles.
 * - A field in a column 70, out of JSON 500.
 */
export const duckDbDialect = (columns: FieldColumns): Dialect => ({
  name: "duckdb",
  // Ids are known before they are written, so the table has each once.
  events: "events",
  erased: "erased",
  grouping: (column) => ({ by: `hash(${column})`, value: `any_value(${column})` }),
  distinct: (column) => `count(DISTINCT ${column})`,
  // The engine's own estimate is off by up to 28 % (10 million events, 50,000 ids a day).
  aboutDistinct: linearCount,
  distinctAtLeast: (column) => bitsOf(column, 1024),
  bits: (column) =>
    `CAST(coalesce(bit_or(CASE WHEN ${column} IS NOT NULL THEN 1::UBIGINT << (hash(${column}) & 63)::INTEGER END), 0) AS VARCHAR)`,
  among: (column, marks) => `list_contains([${marks.join(", ")}], ${column})`,
  quantile: (column, share) => `quantile_disc(${column}, ${share})`,
  countIf: (condition) => `count(*) FILTER (WHERE ${condition})`,
  sumIf: (value, condition) => `coalesce(sum(${value}) FILTER (WHERE ${condition}), 0)`,
  startOf: (step, column) => `date_trunc('${step}', ${column})::DATE`,
  // The reader does the rest, by the columns' types.
  value: ({ name }) => (name === "fields" ? fieldsSql(columns) : `"${name}"`),
  quantiles: (column, shares) => `quantile_disc(${column}, [${shares.join(", ")}])`,
  text: (value) => `CAST(${value} AS VARCHAR)`,
  field(name, as, key) {
    if (key === undefined) return fieldSql(columns, name, as);
    const text = `(${fieldSql(columns, name, "map")} ->> ${quoted(path(key))})`;
    switch (as) {
      case "boolean":
        return `TRY_CAST(${text} AS BOOLEAN)`;
      case "number":
        return `TRY_CAST(${text} AS DOUBLE)`;
      case "text":
        return text;
    }
  },
  hasLists: true,
  items: (name) => `unnest(${fieldSql(columns, name, "list")})`,
  keys: (name) => `unnest(${keys(columns, name)})`,
  has(name, kind, mark) {
    const list = kind === "list" ? fieldSql(columns, name, "list") : keys(columns, name);
    return `coalesce(list_contains(${list}, ${mark}), false)`;
  },
});

/** How many of so many bits the values' hashes have set: never more than there are values. */
function bitsOf(column: string, bits: number): string {
  const last = bits - 1;
  // Null has a hash, too.
  const bit = `CASE WHEN ${column} IS NOT NULL THEN (hash(${column}) & ${last})::INTEGER END`;
  return `coalesce(bit_count(bitstring_agg(${bit}, 0, ${last})), 0)`;
}

/**
 * Linear counting: of `bits` bits, `n` values leave a share of `exp(-n / bits)` unset. With eight
 * values a bit, more than which there are not, its standard error is 0.9 %, with one 0.1 %.
 */
function linearCount(column: string, most: number): string {
  const bits = 2 ** Math.max(19, Math.ceil(Math.log2(most / 8)));
  // All set is more than it can count, and can't be where `most` is right.
  return `round(${bits} * ln(${bits} / greatest(${bits} - ${bitsOf(column, bits)}, 1)))`;
}

const path = (key: string) => `$."${key}"`;
const keys = (columns: FieldColumns, name: string) =>
  `json_keys(${fieldSql(columns, name, "map")})`;
