import type { FieldColumn, FieldColumns, FieldKind } from "../field-columns.ts";
import { identifier, quoted } from "./quoted.ts";

const types: Record<FieldKind, string> = {
  boolean: "BOOLEAN",
  number: "DOUBLE",
  text: "VARCHAR",
  list: "VARCHAR[]",
  map: "JSON",
};

/** A name and a type, as in a table and in a struct. */
export const defined = ({ column, kind }: FieldColumn) => `${identifier(column)} ${types[kind]}`;

export const addColumn = (column: FieldColumn) =>
  `ALTER TABLE events ADD COLUMN ${defined(column)}`;

/** An event's fields as JSON, by their columns. */
export function jsonOf(fields: Record<string, unknown>, columns: FieldColumns): string {
  let json = "";
  for (const field of Object.keys(fields)) {
    const value = fields[field];
    const column = columns.columnFor(field, value);
    if (column) {
      json += `${json && ","}${column.quoted}:${JSON.stringify(value)}`;
    }
  }
  return `{${json}}`;
}

/** A field in a query; null where no event has had that. */
export function fieldSql(columns: FieldColumns, field: string, kind: FieldKind): string {
  const column = columns.find(field, kind);
  return column ? identifier(column.column) : `CAST(NULL AS ${types[kind]})`;
}

/** All fields of an event as the text of one object, as they came; null where it has none. */
export function fieldsSql(columns: FieldColumns): string {
  const parts = columns.there.map(
    ({ column, field }) =>
      `${quoted(`${JSON.stringify(field)}:`)} || to_json(${identifier(column)})::VARCHAR`,
  );
  return parts.length === 0
    ? "CAST(NULL AS VARCHAR)"
    : `nullif('{' || concat_ws(',', ${parts.join(", ")}) || '}', '{}')`;
}
