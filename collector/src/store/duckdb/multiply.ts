import { DuckDBInstance } from "@duckdb/node-api";

/**
 * A door for benchmarks and nothing else: makes a store's history larger by the engine alone, past
 * journal and ids. Each event becomes `times` events of the same installation and hour, with ids of
 * their own and durations around its own; the same file becomes the same file.
 *
 * @param file that no collector has open.
 */
export async function multiply(
  file: string,
  times: number,
  onProgress: (share: number) => void = () => {},
): Promise<number> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    const days = (
      await connection.runAndReadAll("SELECT DISTINCT day::VARCHAR FROM events ORDER BY 1")
    )
      .getRows()
      .map(([day]) => String(day));
    for (const [i, day] of days.entries()) {
      // A day at a time, so that what is asked for together lies together.
      await connection.run(copiesOf(day, times));
      onProgress((i + 1) / days.length);
    }
    // Counted before there were so many; a collector counts them anew.
    for (const table of ["daily", "aggregated"]) await connection.run(`DELETE FROM ${table}`);
    await connection.run("CHECKPOINT");
    const counted = await connection.runAndReadAll("SELECT count(*) FROM events");
    return Number(counted.getRows()[0]?.[0]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** @param day as the engine wrote it. */
const copiesOf = (day: string, times: number) => `INSERT INTO events
  SELECT events.* REPLACE (
    md5(concat(id, '.', copy))::UUID AS id,
    hash(sessionId, copy) AS sessionId,
    (duration * (0.75 + hash(id, copy) % 500 / 1000.0))::BIGINT AS duration
  )
  FROM events, range(1, ${times}) AS copies(copy)
  WHERE day = '${day}'`;
