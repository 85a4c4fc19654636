import type { FieldColumn, FieldColumns, FieldKind } from "../field-columns.ts";
import type { Dialect } from "../store.ts";
import { quoted } from "./quoted.ts";
import { type Layout, localEvents, onCluster } from "./schema.ts";

/** Products' own fields of a server of today: columns that it makes of `fields` by itself. */

const types: Record<FieldKind, string> = {
  boolean: "Nullable(Bool)",
  number: "Nullable(Float64)",
  text: "LowCardinality(Nullable(String))",
  list: "Array(LowCardinality(String))",
  // An object's JSON; empty where there is none.
  map: "String",
};

/** What stands in `fields`: what a column is made of, and what a query reads where there is none. */
function inJson(field: string, kind: FieldKind): string {
  const name = quoted(field);
  switch (kind) {
    case "list":
      return `JSONExtract(ifNull(fields, ''), ${name}, 'Array(String)')`;
    case "map":
      return `JSONExtractRaw(ifNull(fields, ''), ${name})`;
    default:
      return `JSONExtract(fields, ${name}, ${quoted(scalars[kind])})`;
  }
}

const scalars = {
  boolean: "Nullable(Bool)",
  number: "Nullable(Float64)",
  text: "Nullable(String)",
} as const;

/** Rows from before have it made when they are read, until their parts are merged. */
export function addColumn(layout: Layout, { column, field, kind }: FieldColumn): string[] {
  const tables = layout.cluster ? [localEvents(layout), "events"] : ["events"];
  return tables.map(
    (table) =>
      `ALTER TABLE ${table}${onCluster(layout)} ADD COLUMN IF NOT EXISTS ${identifier(column)} ${types[kind]} DEFAULT ${inJson(field, kind)} CODEC(ZSTD(1))`,
  );
}

type Fields = Pick<Dialect, "field" | "hasLists" | "items" | "keys" | "has">;

export function fieldsDialect(columns?: FieldColumns): Fields {
  const read = (field: string, kind: FieldKind) => {
    const column = columns?.find(field, kind);
    return column ? identifier(column.column) : inJson(field, kind);
  };
  const keys = (name: string) => `JSONExtractKeys(${read(name, "map")})`;
  return {
    field: (name, as, key) =>
      key === undefined
        ? read(name, as)
        : `JSONExtract(${read(name, "map")}, ${quoted(key)}, ${quoted(scalars[as])})`,
    hasLists: true,
    items: (name) => `arrayJoin(${read(name, "list")})`,
    keys: (name) => `arrayJoin(${keys(name)})`,
    has: (name, kind, mark) => `has(${kind === "list" ? read(name, "list") : keys(name)}, ${mark})`,
  };
}

function identifier(name: string): string {
  return `"${name.replace(/[\\"]/g, "\\$&")}"`;
}
