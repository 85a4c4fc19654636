import { FieldColumns } from "../field-columns.ts";
import type { Database } from "./database.ts";
import { DAYS_OF_IDS, Fingerprint, type KnownIds } from "./ids.ts";
import { fieldsIn } from "./schema.ts";
import { Tombstones } from "./tombstones.ts";

/** What a start reads out of the database. */
export interface StoredState {
  /** The last segment of the journal that is loaded. */
  loaded: number;
  tombstones: Tombstones;
}

export async function readState(database: Database): Promise<StoredState> {
  return database.write(async (connection) => {
    const state = await connection.runAndReadAll(
      "SELECT coalesce(max(value), 0) FROM state WHERE name = 'loaded'",
    );
    const loaded = Number(state.getRowsJS()[0]?.[0]);
    const tombstones = new Tombstones();
    const erased = await connection.runAndReadAll(
      "SELECT printf('%016x', installation), epoch_ms(erasedAt), rewrittenAt IS NULL FROM erased",
    );
    for (const [installation, at, isLeft] of erased.getRowsJS()) {
      tombstones.add(installation as string, Number(at));
      if (isLeft) {
        tombstones.left.push(Number(at));
      }
    }
    return { loaded, tombstones };
  });
}

/** @param files of the journal that an earlier process has left, which no column may be there for. */
export async function readFields(
  database: Database,
  files: readonly string[],
): Promise<FieldColumns> {
  return database.write(async (connection) => {
    const names = async (sql: string) =>
      (await connection.runAndReadAll(sql)).getRowsJS().map(([name]) => String(name));
    const fields = new FieldColumns(
      await names(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND table_name = 'events'",
      ),
    );
    if (files.length > 0) fields.learn(await names(fieldsIn(files)));
    return fields;
  });
}

/** Beside whatever else runs: a few thousand ids a turn of the event loop. */
export async function readIds(database: Database, ids: KnownIds, today: number): Promise<void> {
  const { connection, release } = await database.reader();
  try {
    const result = await connection.stream(
      `SELECT id, day FROM events WHERE day >= DATE '1970-01-01' + ${today - DAYS_OF_IDS}`,
    );
    const fingerprint = new Fingerprint();
    for await (const chunk of result) {
      // The engine's own bytes: its values would be a bigint and an object for each id.
      const { dataView } = chunk.getColumnVector(0) as unknown as { dataView: DataView };
      const { items } = chunk.getColumnVector(1) as unknown as { items: Int32Array };
      for (let row = 0; row < chunk.rowCount; row += 1) {
        const at = row * 16;
        ids.add(
          fingerprint.ofWords(
            // Stored with the first bit turned, so that it sorts as a signed number.
            dataView.getUint32(at + 12, true) ^ 0x80000000,
            dataView.getUint32(at + 8, true),
            dataView.getUint32(at + 4, true),
            dataView.getUint32(at, true),
          ),
          items[row] as number,
        );
      }
    }
  } finally {
    release();
  }
}
