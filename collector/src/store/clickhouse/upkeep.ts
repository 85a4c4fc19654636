import { dailyColumns, dailySelect, dueDays, rowsByDay } from "../../aggregate/daily.ts";
import type { FieldColumns } from "../field-columns.ts";
import type { Reader } from "../store.ts";
import { type ClickHouse, rowsOf } from "./client.ts";
import { addColumn } from "./fields.ts";
import { leftOfErased } from "./inserts.ts";
import { bind } from "./marks.ts";
import { SETTINGS } from "./reader.ts";
import { type Layout, localEvents, onCluster } from "./schema.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const AGGREGATE_EVERY_MS = 10 * MINUTE_MS;
const DELETE_EVERY_MS = 10 * MINUTE_MS;
/** A late retry comes within 30 days. */
const DAYS_OF_TOMBSTONES = 31;

/**
 * What a store does beside taking and reading. Several collectors may do it at once: each of these
 * comes to the same when it is done twice.
 */
export class Upkeep {
  readonly #client: ClickHouse;
  readonly #layout: Layout;
  readonly #reader: Reader;
  readonly #columns: FieldColumns | undefined;
  #aggregatedAt = 0;
  #deletedAt = 0;
  #retainedAt = 0;

  constructor(client: ClickHouse, layout: Layout, reader: Reader, columns?: FieldColumns) {
    this.#client = client;
    this.#layout = layout;
    this.#reader = reader;
    this.#columns = columns;
  }

  async run(now: number): Promise<void> {
    const errors: unknown[] = [];
    // What one of them is hindered by is no reason to put off the others.
    for (const work of [
      () => this.#addColumns(),
      () => this.#aggregate(now),
      () => this.#deleteErased(now),
      () => this.#retain(now),
    ]) {
      await work().catch((error) => errors.push(error));
    }
    if (errors.length > 0) {
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, "Upkeep of the store");
    }
  }

  /** Soon, not with the others' pace. */
  soon(): void {
    this.#aggregatedAt = 0;
    this.#deletedAt = 0;
  }

  async #addColumns(): Promise<void> {
    for (const column of this.#columns?.missing ?? []) {
      for (const query of addColumn(this.#layout, column)) {
        await this.#client.command({ query });
      }
      this.#columns?.added([column]);
    }
  }

  async #aggregate(now: number): Promise<void> {
    if (now - this.#aggregatedAt < AGGREGATE_EVERY_MS) {
      return;
    }
    this.#aggregatedAt = now;
    const { dialect } = this.#reader;
    const counted = (rows: Record<string, unknown>[]) =>
      new Map(rows.map(({ day, n }) => [String(day), Number(n)]));
    const due = dueDays(
      counted(await this.#reader.rows(rowsByDay(dialect))),
      counted(await rowsOf(this.#client, "SELECT day, n FROM aggregated FINAL")),
    );
    const names = dailyColumns.map(({ name }) => name).join(", ");
    for (const day of due) {
      // Counted first: what comes in meanwhile makes it due again.
      const [row] = await this.#reader.rows(
        `SELECT count(*) AS n FROM ${dialect.events} WHERE day = :day`,
        { day },
      );
      const computed = Date.now();
      const select = `SELECT ${names}, ${computed} AS computed FROM (${dailySelect(dialect)})`;
      const { query } = bind(
        select.replaceAll(":day", `toDate('${day}')`),
        {},
        this.#layout.flavor,
      );
      await this.#client.command({
        query: `INSERT INTO daily_rows ${query}`,
        ...(this.#layout.flavor === "current" && { clickhouse_settings: SETTINGS }),
      });
      await this.#client.command({
        query: `INSERT INTO aggregated VALUES ('${day}', ${Number(row?.n)}, ${computed})`,
      });
    }
  }

  /** Rows that are hidden already, also those that another collector took at the same moment. */
  async #deleteErased(now: number): Promise<void> {
    if (now - this.#deletedAt < DELETE_EVERY_MS) {
      return;
    }
    this.#deletedAt = now;
    const table = localEvents(this.#layout);
    const [running] = await rowsOf(
      this.#client,
      `SELECT count() AS n FROM system.mutations
       WHERE database = currentDatabase() AND table = '${table}' AND is_done = 0`,
    );
    if (Number(running?.n) > 0) {
      return;
    }
    const left = await leftOfErased(this.#client, "events");
    if (left.length > 0) {
      await this.#delete(`ifNull(anonymousId, 0) IN (${left.join(", ")})`);
    } else {
      await this.#forgetTombstones(now);
    }
  }

  /** Whole months by their partition; the rest of one by the table's TTL, where the server has it. */
  async #retain(now: number): Promise<void> {
    if (now - this.#retainedAt < HOUR_MS) {
      return;
    }
    this.#retainedAt = now;
    const table = localEvents(this.#layout);
    const first = new Date(now - this.#layout.retentionDays * DAY_MS).toISOString().slice(0, 10);
    const month = first.slice(0, 7).replace("-", "");
    const partitions = await rowsOf(
      this.#client,
      `SELECT DISTINCT partition FROM system.parts
       WHERE database = currentDatabase() AND table = '${table}' AND active`,
    );
    for (const { partition } of partitions) {
      if (Number(partition) < Number(month)) {
        await this.#client.command({
          query: `ALTER TABLE ${table}${onCluster(this.#layout)} DROP PARTITION ${Number(partition)}`,
        });
      }
    }
    if (this.#layout.flavor === "legacy") {
      const old = `day < toDate('${first}')`;
      const [row] = await rowsOf(this.#client, `SELECT count() AS n FROM ${table} WHERE ${old}`);
      if (Number(row?.n) > 0) {
        await this.#delete(old);
      }
    }
  }

  /** In the background; the engine writes the parts anew that have such rows. */
  async #delete(condition: string): Promise<void> {
    const table = localEvents(this.#layout);
    await this.#client.command({
      query: `ALTER TABLE ${table}${onCluster(this.#layout)} DELETE WHERE ${condition}`,
    });
  }

  /** Only when no row of theirs is left. */
  async #forgetTombstones(now: number): Promise<void> {
    const before = now - DAYS_OF_TOMBSTONES * DAY_MS;
    const at = this.#layout.flavor === "current" ? "toUnixTimestamp64Milli(erasedAt)" : "erasedAt";
    const [row] = await rowsOf(
      this.#client,
      `SELECT count() AS n FROM erased WHERE ${at} < ${before}`,
    );
    if (Number(row?.n) > 0) {
      await this.#client.command({
        query: `ALTER TABLE erased${onCluster(this.#layout)} DELETE WHERE ${at} < ${before}`,
      });
    }
  }
}
