import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { QueryAnswer } from "../api.ts";

/** Answered as 501. */
export class NoParquetError extends Error {
  override readonly name = "NoParquetError";
}

/**
 * A table as a Parquet file, written by a DuckDB of its own: what k has folded is in no store.
 * @throws NoParquetError where DuckDB's module doesn't load.
 */
export async function parquetOf({ columns, rows }: QueryAnswer): Promise<Uint8Array<ArrayBuffer>> {
  const { DuckDBInstance } = await loadDuckDb();
  const folder = await mkdtemp(join(tmpdir(), "sendoff-export-"));
  try {
    const instance = await DuckDBInstance.create(":memory:", {
      threads: "1",
      memory_limit: "128MiB",
      temp_directory: join(folder, "spill"),
      autoinstall_known_extensions: "false",
    });
    const connection = await instance.connect();
    try {
      const types = columns.map((_, index) => typeOf(rows.map((row) => row[index] ?? null)));
      const list = columns.map(({ name }, index) => `"${name}" ${types[index]}`);
      await connection.run(`CREATE TABLE answer (${list.join(", ")})`);
      const appender = await connection.createAppender("answer");
      for (const row of rows) {
        for (const [index, value] of row.entries()) {
          if (value === null) appender.appendNull();
          else if (types[index] === "DOUBLE") appender.appendDouble(Number(value));
          else if (types[index] === "BIGINT") appender.appendBigInt(BigInt(Number(value)));
          else if (types[index] === "BOOLEAN") appender.appendBoolean(value === true);
          else appender.appendVarchar(String(value));
        }
        appender.endRow();
      }
      appender.closeSync();
      const file = join(folder, "answer.parquet");
      await connection.run(`COPY answer TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`);
      return new Uint8Array(await readFile(file));
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A column that has `other` beside numbers is text. */
function typeOf(values: readonly (string | number | boolean | null)[]): string {
  const some = values.filter((value) => value !== null);
  if (some.length > 0 && some.every((value) => typeof value === "boolean")) {
    return "BOOLEAN";
  }
  if (some.length > 0 && some.every((value) => typeof value === "number")) {
    return some.every((value) => Number.isSafeInteger(value)) ? "BIGINT" : "DOUBLE";
  }
  return "VARCHAR";
}

async function loadDuckDb() {
  try {
    return await import("@duckdb/node-api");
  } catch {
    throw new NoParquetError(
      "format=parquet can't be written here, since DuckDB's module doesn't load: pass format=csv.",
    );
  }
}
