import { dailySelect, dueDays, rowsByDay } from "../../aggregate/daily.ts";
import type { IdHash } from "../../rows/row.ts";
import type { Dialect } from "../store.ts";
import type { Database } from "./database.ts";
import type { KnownIds } from "./ids.ts";
import type { Loader } from "./loader.ts";
import { forgetLoaded } from "./schema.ts";
import type { Tombstones } from "./tombstones.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How often it looks for days that have changed; of those, each is aggregated then. */
const AGGREGATE_EVERY_MS = 10 * MINUTE_MS;
/** A day of 100,000 events takes about a second; queries and loads come in between. */
const AGGREGATE_FOR_MS = 1000;
/** Erasures of so long are rewritten together, if it is quiet. */
const REWRITE_AFTER_MS = 10 * MINUTE_MS;
/** Whether it is quiet or not. What was promised is 24 hours. */
const REWRITE_BY_MS = 20 * HOUR_MS;
const QUIET_BYTES_A_SECOND = 100_000;

interface Parts {
  database: Database;
  dialect: Dialect;
  loader: Loader;
  ids: KnownIds;
  tombstones: Tombstones;
  retentionDays: number;
}

/** What a store does beside taking and reading: aggregates, retention, erasures, forgetting. */
export class Upkeep {
  readonly #parts: Parts;
  #day = 0;
  #lookedAt = 0;
  #due: string[] = [];
  #retainedAt = 0;
  #rewroteAt = 0;
  #last = { at: 0, written: 0 };

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param written bytes that the journal has taken so far. */
  async run(now: number, written: number): Promise<void> {
    const isQuiet = this.#isQuiet(now, written);
    const errors: unknown[] = [];
    // What one of them is hindered by is no reason to put off the others.
    for (const work of [
      () => this.#forget(now),
      () => this.#aggregate(now),
      () => this.#retain(now),
      () => this.#rewrite(now, isQuiet),
    ]) {
      await work().catch((error) => errors.push(error));
    }
    if (errors.length > 0) {
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, "Upkeep of the store");
    }
  }

  /** Rows, aggregates that counted them, and a tombstone. */
  async erase(installation: IdHash, now: number): Promise<void> {
    const { database, tombstones } = this.#parts;
    await database.transaction(async (connection) => {
      const hash = "('0x' || $installation)::UBIGINT";
      const values = { installation };
      const touched = `SELECT day FROM events WHERE anonymousId = ${hash}`;
      // Their rows are all there, so that they are soon aggregated anew, final ones too.
      await connection.run(`DELETE FROM daily WHERE day IN (${touched})`, values);
      await connection.run(`DELETE FROM aggregated WHERE day IN (${touched})`, values);
      await connection.run(`DELETE FROM events WHERE anonymousId = ${hash}`, values);
      await connection.run(
        `INSERT INTO erased SELECT ${hash}, make_timestamp_ms(${now}), NULL`,
        values,
      );
    });
    tombstones.left.push(now);
    this.#lookedAt = 0;
  }

  async #forget(now: number): Promise<void> {
    const day = Math.floor(now / DAY_MS);
    if (day === this.#day) {
      return;
    }
    const { database, ids, tombstones } = this.#parts;
    await ids.forgetBefore(day);
    const before = tombstones.forgetBefore(now);
    await database.write(async (connection) => {
      await connection.run(`DELETE FROM erased WHERE erasedAt < make_timestamp_ms(${before})`);
      await connection.run(forgetLoaded);
    });
    this.#day = day;
  }

  async #aggregate(now: number): Promise<void> {
    const { database, dialect } = this.#parts;
    if (this.#due.length === 0) {
      if (now - this.#lookedAt < AGGREGATE_EVERY_MS) {
        return;
      }
      this.#due = await this.#look();
      this.#lookedAt = now;
    }
    const until = performance.now() + AGGREGATE_FOR_MS;
    for (let day = this.#due[0]; day && performance.now() < until; day = this.#due[0]) {
      await database.transaction(async (connection) => {
        const values = { day: day as string };
        const anyOf = "FROM events WHERE day = $day::DATE LIMIT 1";
        // Deleted since it was looked: what was counted of them before is final.
        if ((await connection.runAndReadAll(anyOf, values)).currentRowCount === 0) return;
        await connection.run("DELETE FROM daily WHERE day = $day::DATE", values);
        await connection.run("DELETE FROM aggregated WHERE day = $day::DATE", values);
        const select = dailySelect(dialect).replaceAll(":day", "$day::DATE");
        await connection.run(`INSERT INTO daily ${select}`, values);
        await connection.run(
          "INSERT INTO aggregated SELECT day, count(*) FROM events WHERE day = $day::DATE GROUP BY day",
          values,
        );
      });
      this.#due.shift();
    }
  }

  /** A day whose rows were all deleted keeps its aggregates. */
  async #look(): Promise<string[]> {
    const { database, dialect } = this.#parts;
    const { connection, release } = await database.reader();
    try {
      const days = async (sql: string) => {
        const result = await connection.runAndReadAll(sql);
        return new Map(result.getRowsJson().map(([day, rows]) => [String(day), Number(rows)]));
      };
      return dueDays(await days(rowsByDay(dialect)), await days("SELECT day, n FROM aggregated"));
    } finally {
      release();
    }
  }

  /** Days that are aggregated; a day later all, should aggregating fail. */
  async #retain(now: number): Promise<void> {
    if (now - this.#retainedAt < HOUR_MS) {
      return;
    }
    const { database, retentionDays } = this.#parts;
    const first = Math.floor(now / DAY_MS) - retentionDays;
    const date = (day: number) => `(DATE '1970-01-01' + ${day})`;
    await database.write((connection) =>
      connection.run(
        `DELETE FROM events WHERE day < ${date(first - 1)}
           OR (day < ${date(first)} AND day IN (SELECT day FROM aggregated))`,
      ),
    );
    this.#retainedAt = now;
  }

  async #rewrite(now: number, isQuiet: boolean): Promise<void> {
    const { database, loader, tombstones } = this.#parts;
    const oldest = tombstones.oldestLeft;
    const isDue =
      oldest !== undefined && now - oldest >= (isQuiet ? REWRITE_AFTER_MS : REWRITE_BY_MS);
    if (!isDue || now - this.#rewroteAt < REWRITE_AFTER_MS) {
      return;
    }
    // A failure, on a disk that is full, is tried again as late as a success.
    this.#rewroteAt = now;
    await loader.settle();
    let left: readonly number[] = [];
    await database.rewrite(async (connection) => {
      left = [...tombstones.left];
      await connection.run(
        `UPDATE erased SET rewrittenAt = make_timestamp_ms(${now}) WHERE rewrittenAt IS NULL`,
      );
    });
    tombstones.rewritten(left);
  }

  #isQuiet(now: number, written: number): boolean {
    const seconds = (now - this.#last.at) / 1000;
    const rate = (written - this.#last.written) / seconds;
    this.#last = { at: now, written };
    return rate < QUIET_BYTES_A_SECOND;
  }
}
