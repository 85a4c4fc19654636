import type { EventRow } from "../../rows/row.ts";
import { type ClickHouse, rowsOf } from "./client.ts";
import { insertable } from "./rows.ts";

/**
 * Rows into a server of today. It gathers what comes in from all connections for some milliseconds,
 * writes it as one part, and answers each when that is done.
 */
export async function insertRows(client: ClickHouse, rows: readonly EventRow[]): Promise<void> {
  await client.insert({
    table: "events",
    values: rows.map((row) => insertable(row, "current")),
    format: "JSONEachRow",
    clickhouse_settings: {
      async_insert: 1,
      wait_for_async_insert: 1,
      // Replicas drop a repeat before it is written; elsewhere it collapses when it is read.
      async_insert_deduplicate: 1,
      insert_deduplication_token: await tokenOf(rows),
      // In a cluster: an answer from the shards, not from this server's queue to them.
      distributed_foreground_insert: 1,
    },
  });
}

/** The same for the same events in any order. */
async function tokenOf(rows: readonly EventRow[]): Promise<string> {
  const ids = [...new Set(rows.map(({ id }) => id))].sort().join();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(ids));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Group {
  rows: EventRow[];
  done: Promise<void>;
}

/**
 * Rows into a legacy server, which makes a part of every insert and soon has too many: one insert at
 * a time, with all that came in during the one before.
 */
export class LegacyInserts {
  readonly #client: ClickHouse;
  #running: Promise<void> = Promise.resolve();
  #next: Group | undefined;

  constructor(client: ClickHouse) {
    this.#client = client;
  }

  insert(rows: readonly EventRow[]): Promise<void> {
    if (!this.#next) {
      const group: Group = { rows: [], done: Promise.resolve() };
      group.done = this.#running.then(() => {
        this.#next = undefined;
        return this.#client.insert({
          table: "events",
          values: group.rows.map((row) => insertable(row, "legacy")),
          format: "JSONEachRow",
        });
      }) as Promise<void>;
      this.#running = group.done.catch(() => {});
      this.#next = group;
    }
    for (const row of rows) {
      this.#next.rows.push(row);
    }
    return this.#next.done;
  }
}

/** Rows of installations that were erased, deleted or not. */
export async function leftOfErased(client: ClickHouse, table: string): Promise<string[]> {
  const rows = await rowsOf(
    client,
    `SELECT DISTINCT toString(assumeNotNull(anonymousId)) AS hash FROM ${table}
     WHERE ifNull(anonymousId, 0) IN (SELECT anonymousId FROM erased)`,
  );
  return rows.map(({ hash }) => String(hash));
}
