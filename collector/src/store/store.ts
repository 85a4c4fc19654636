import type { ColumnDefinition } from "../rows/columns.ts";
import type { EventRow, IdHash } from "../rows/row.ts";

/**
 * Where events are kept. A store promises three things, and `test/store-contract.ts` holds every
 * store to them: what `write` has resolved for survives a kill at any moment; an event id that was
 * taken before is not counted again; what `erase` has resolved for no query returns.
 */
export interface Store {
  /** For logs and messages, without secrets: `duckdb:./telemetry.db`. */
  readonly name: string;
  /** Resolves when it takes rows; until then `write` says that it is busy. Reads work at once. */
  readonly ready: Promise<void>;
  /**
   * Resolves when the rows are durable: each one is new, or a repeat of an id whose own write is
   * durable. Rows of erased installations are taken and forgotten.
   * @throws StoreBusyError when it takes no more for now; nothing of these rows is kept then.
   */
  write(rows: readonly EventRow[]): Promise<WriteResult>;
  /** Resolves when no query, aggregate or export can return the installation's events any more. */
  erase(installation: IdHash, now: Date): Promise<Erasure>;
  /** What a dashboard asks; a store that only forwards has none. */
  readonly reader?: Reader;
  /** Aggregates, retention, rewrites: whatever is due. Called every few seconds while it is open. */
  maintain(now: Date): Promise<void>;
  /** Durable, closed; what was waiting has been written. */
  close(): Promise<void>;
}

export interface WriteResult {
  /** Rows that were not there before. */
  taken: number;
  /** Rows whose id had been taken before. */
  repeated: number;
  /** Rows of an installation that was erased. */
  forgotten: number;
}

export interface Erasure {
  /** When the bytes are gone from every file, too; null where it can't be known (it was forwarded). */
  goneBy: Date | null;
}

/** Reads by SQL over the columns of `EventRow`, `meta.*`, `build.*` by their own names. */
export interface Reader {
  readonly dialect: Dialect;
  /**
   * @param parameters values for the statement's `:name` marks.
   * @param signal ends the query in the engine, too.
   */
  rows(sql: string, parameters?: Parameters, signal?: AbortSignal): Promise<ReadRow[]>;
  /** The same, as they come, for exports that memory does not hold. */
  stream(sql: string, parameters?: Parameters, signal?: AbortSignal): AsyncIterable<ReadRow[]>;
}

export type Parameters = Record<string, string | number | boolean | null | readonly string[]>;
export type ReadRow = Record<string, string | number | boolean | null>;

/** What SQL engines spell differently, for the few things that queries here need. */
export interface Dialect {
  readonly name: "duckdb" | "clickhouse";
  /** Events, each id once. */
  readonly events: string;
  /** Who was erased: a table of `installation`, as `anonymousId` is read. */
  readonly erased: string;
  /** What rows are grouped by to have a column's values, and how a group has its own. */
  grouping(column: string): { by: string; value: string };
  /** How many different ones there are; exact. */
  distinct(column: string): string;
  /** The same within 3 %, for many; `most` is how many there can be. */
  aboutDistinct(column: string, most: number): string;
  /** No more than there are, and enough to see whether there are some tens; for many groups. */
  distinctAtLeast(column: string): string;
  /** Of 64 bits those that its values have set, as a number's text: of several groups together, too. */
  bits(column: string): string;
  /** Whether text is one of some, which are parameters, with their colons. */
  among(column: string, marks: readonly string[]): string;
  /** `share` from 0 to 1; exact: a value that occurs. */
  quantile(column: string, share: number): string;
  /** Only of rows that meet a condition. */
  countIf(condition: string): string;
  sumIf(value: string, condition: string): string;
  /** The first day of the week (Monday) or month that a day is in. */
  startOf(step: "week" | "month", column: string): string;
  /** A stored column as `valuesOf` had it: what `copy` and tests read. */
  value(column: ColumnDefinition): string;
  /** All of `shares` at once, as a list: `q[1]` is the first. */
  quantiles(column: string, shares: readonly number[]): string;
  /** Any value as text, null as null; a flag, which has to be said to be one, as `true` and `false`. */
  text(value: string, isFlag?: boolean): string;
  /**
   * One of the product's own fields, out of `fields`; null where it is absent or of another kind.
   * @param key of a map: what it has there.
   */
  field(name: string, as: "boolean" | "number" | "text", key?: string): string;
  /** Whether fields that are lists or maps can be asked for: else the next three throw. */
  readonly hasLists: boolean;
  /** A list's entries, as text; in a SELECT, a row of each, and none where there are none. */
  items(name: string): string;
  /** The same of a map's keys. */
  keys(name: string): string;
  /** Whether a list has an entry, or a map a key: `mark` is a parameter, with its colon. */
  has(name: string, kind: "list" | "map", mark: string): string;
}

/** Answered as 503 with `Retry-After`: clients keep the batch. */
export class StoreBusyError extends Error {
  override readonly name = "StoreBusyError";
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
