import {
  type DuckDBConnection,
  DuckDBDecimalValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import type { Dialect, Parameters, Reader, ReadRow } from "../store.ts";
import type { Database } from "./database.ts";

export function duckDbReader(database: Database, dialect: Dialect): Reader {
  return {
    dialect,
    async rows(sql, parameters, signal) {
      const rows: ReadRow[] = [];
      for await (const some of stream(database, sql, parameters, signal)) {
        // Not by spreading: a chunk's rows would be arguments.
        for (const row of some) {
          rows.push(row);
        }
      }
      return rows;
    },
    stream: (sql, parameters, signal) => stream(database, sql, parameters, signal),
  };
}

async function* stream(
  database: Database,
  sql: string,
  parameters: Parameters = {},
  signal?: AbortSignal,
): AsyncGenerator<ReadRow[]> {
  signal?.throwIfAborted();
  const { connection, release } = await database.reader();
  const interrupt = () => connection.interrupt();
  signal?.addEventListener("abort", interrupt);
  try {
    signal?.throwIfAborted();
    const result = await run(connection, sql, parameters);
    for await (const rows of result.yieldConvertedRowObjects(plain)) {
      signal?.throwIfAborted();
      yield rows;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    release();
  }
}

function run(connection: DuckDBConnection, sql: string, parameters: Parameters) {
  const values: Record<string, DuckDBValue> = {};
  const types: Record<string, DuckDBType> = {};
  const statement = sql.replace(MARK, (mark, name?: string) => {
    if (name === undefined) {
      return mark;
    }
    const value = parameters[name];
    if (value === undefined) {
      throw new TypeError(`The query's :${name} has no value.`);
    }
    // The engine refuses values that a statement doesn't name, so only these.
    if (Array.isArray(value)) {
      values[name] = listValue(value);
      types[name] = LIST(VARCHAR);
    } else {
      values[name] = value as DuckDBValue;
    }
    return `$${name}`;
  });
  return connection.stream(statement, values, types);
}

/** Quoted text and names, casts; then a parameter's mark. */
const MARK = /'(?:[^']|'')*'|"[^"]*"|::|:([A-Za-z_]\w*)/g;

/** `moment` as milliseconds, `day` as `2026-11-25`, `hash` as 16 digits, as in `EventRow`. */
function plain(value: DuckDBValue, type: DuckDBType): string | number | boolean | null {
  if (value === null || typeof value === "boolean") {
    return value;
  }
  if (value instanceof DuckDBTimestampMillisecondsValue) {
    return Number(value.millis);
  }
  if (value instanceof DuckDBTimestampValue) {
    return Number(value.micros / 1000n);
  }
  if (value instanceof DuckDBDecimalValue) {
    return value.toDouble();
  }
  if (type.typeId === DuckDBTypeId.UBIGINT) {
    return (value as bigint).toString(16).padStart(16, "0");
  }
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : String(value);
}
