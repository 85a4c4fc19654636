import type { DuckDBConnection } from "@duckdb/node-api";
import { ToldError } from "../../config/told-error.ts";

/** Of the tables. A change that an older collector can't live with is a higher one. */
const FORMAT = 2;

/**
 * Looks before anything is written whether the file is ours, and not of a later collector.
 * @throws ToldError with what to do.
 */
export async function checkFormat(connection: DuckDBConnection, file: string): Promise<void> {
  const found = await connection.runAndReadAll(
    "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()",
  );
  const names = found.getRowsJS().map(([name]) => name);
  if (names.length === 0) {
    return;
  }
  if (!names.includes("state")) {
    throw new ToldError(
      `${file} holds tables of something else (${names.join(", ")}): give the collector a file of its own.`,
    );
  }
  const state = await connection.runAndReadAll("SELECT value FROM state WHERE name = 'format'");
  // The first files had no number.
  const format = Number(state.getRowsJS()[0]?.[0] ?? 1);
  if (format < FORMAT) {
    throw new ToldError(
      `${file} is of a sendoff-collector from before the first release (format ${format}, and this one knows ${FORMAT}): move it and ${file}.journal away to begin anew.`,
    );
  }
  if (format > FORMAT) {
    throw new ToldError(
      `${file} is of a newer sendoff-collector (format ${format}, and this one knows ${FORMAT}): start that one, or put back the file from before it.`,
    );
  }
}

/** After the tables are there. */
export async function writeFormat(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `INSERT INTO state SELECT 'format', ${FORMAT} WHERE NOT EXISTS (FROM state WHERE name = 'format')`,
  );
}
