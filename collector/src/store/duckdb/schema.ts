import { dailyColumns } from "../../aggregate/daily.ts";
import { type ColumnDefinition, type ColumnType, columns } from "../../rows/columns.ts";
import type { FieldColumns } from "../field-columns.ts";
import { defined } from "./fields.ts";
import { identifier, quoted } from "./quoted.ts";

/** The tables, and how lines of the journal become rows. */

const types: Record<ColumnType, string> = {
  uuid: "UUID",
  moment: "TIMESTAMP_MS",
  day: "DATE",
  // Few different values a column: DuckDB keeps a dictionary per block by itself.
  word: "VARCHAR",
  hash: "UBIGINT",
  flag: "BOOLEAN",
  integer: "BIGINT",
  number: "DOUBLE",
  json: "JSON",
};

/** Those of products' own fields are added when the first event has them: fields.ts. */
const ownColumns = columns.filter(({ name }) => name !== "fields");

export const createTables: readonly string[] = [
  // No index: a unique one costs 85 % of the throughput at 10 million events.
  `CREATE TABLE IF NOT EXISTS events (${ownColumns
    .map(({ name, type, isNullable }) => `"${name}" ${types[type]}${isNullable ? "" : " NOT NULL"}`)
    .join(", ")})`,
  `CREATE TABLE IF NOT EXISTS daily (${dailyColumns
    .map(({ name, type }) => `"${name}" ${types[type]}`)
    .join(", ")})`,
  // How many events each day had when it was aggregated.
  "CREATE TABLE IF NOT EXISTS aggregated (day DATE NOT NULL, n BIGINT NOT NULL)",
  // `loaded`: the last segment of the journal that is in here, the highest of several; written with
  // its rows. `format`: format.ts.
  "CREATE TABLE IF NOT EXISTS state (name VARCHAR NOT NULL, value BIGINT NOT NULL)",
  // Tombstones. `rewrittenAt`: since then its bytes are in no file.
  `CREATE TABLE IF NOT EXISTS erased (installation UBIGINT NOT NULL, erasedAt TIMESTAMP_MS NOT NULL,
    rewrittenAt TIMESTAMP_MS)`,
];

/** A row more: where one is changed, no checkpoint can be made while an earlier query goes on. */
export const noteLoaded = (segment: number) => `INSERT INTO state VALUES ('loaded', ${segment})`;

/** Those that a later one has overtaken. */
export const forgetLoaded =
  "DELETE FROM state WHERE name = 'loaded' AND value < (SELECT max(value) FROM state WHERE name = 'loaded')";

/** What a line of the journal has for a column; the row as `JSON.stringify` writes it. */
const jsonTypes: Record<ColumnType, string> = {
  ...types,
  moment: "BIGINT",
  hash: "VARCHAR",
  integer: "DOUBLE",
};

const valueIn = ({ name, type, within }: ColumnDefinition): string => {
  const value = within ? `${within}."${name}"` : `"${name}"`;
  switch (type) {
    case "moment":
      return `make_timestamp_ms(${value})`;
    case "hash":
      return `('0x' || ${value})::UBIGINT`;
    case "integer":
      // One that is too large must not keep the others from being loaded.
      return `TRY_CAST(${value} AS BIGINT)`;
    default:
      return value;
  }
};

const struct = (within: "meta" | "build") =>
  `STRUCT(${columns
    .filter((column) => column.within === within)
    .map(({ name, type }) => `"${name}" ${jsonTypes[type]}`)
    .join(", ")})`;

const jsonColumns = [
  ...ownColumns
    .filter(({ within }) => !within)
    .map(({ name, type }) => `${name}: '${jsonTypes[type]}'`),
  `meta: '${struct("meta")}'`,
  `build: '${struct("build")}'`,
].join(", ");

/** Appends the rows of the journal's files; lines that end a group have no id. */
export function loadFiles(files: readonly string[], fields: FieldColumns): string {
  const values = [
    ...ownColumns.map((column) => `${valueIn(column)} AS "${column.name}"`),
    ...fields.there.map(({ column }) => `fields.${identifier(column)} AS ${identifier(column)}`),
  ];
  const struct = `STRUCT(${fields.there.map(defined).join(", ")})`;
  const withFields = fields.there.length > 0 ? `, fields: ${quoted(struct)}` : "";
  return `INSERT INTO events BY NAME SELECT ${values.join(", ")}
    FROM ${linesOf(files, `${jsonColumns}${withFields}`)} WHERE id IS NOT NULL`;
}

/** The names of the columns that the journal's files have fields for. */
export const fieldsIn = (files: readonly string[]) =>
  `SELECT DISTINCT unnest(json_keys(fields)) FROM ${linesOf(files, "fields: 'JSON'")}`;

const linesOf = (files: readonly string[], columnTypes: string) =>
  `read_json([${files.map(quoted).join(", ")}], format = 'newline_delimited',
     maximum_object_size = 1048576, columns = {${columnTypes}})`;
