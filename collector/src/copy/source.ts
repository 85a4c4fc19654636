import { ToldError } from "../config/told-error.ts";
import { columns } from "../rows/columns.ts";
import type { EventRow, IdHash } from "../rows/row.ts";
import { rowOf } from "../rows/row-of.ts";
import type { Reader, Store } from "../store/store.ts";

/** What a copy reads: a store that is open here, or one that a running collector has open. */
export interface CopySource {
  /** For messages. */
  readonly name: string;
  /** Events by `<day> <product>`. */
  counts(): Promise<Map<string, number>>;
  /** All of a day, as they come. */
  rows(day: string): AsyncIterable<EventRow[]>;
  /** Installations that were erased, whose late retries are to be kept out elsewhere, too. */
  erased(): Promise<IdHash[]>;
}

export function sourceOf(store: Store): CopySource {
  const reader = readerOf(store);
  const { dialect } = reader;
  return {
    name: store.name,
    counts: () => countsIn(reader),
    async *rows(day) {
      const names = columns.map((column) => `${dialect.value(column)} AS c_${column.name}`);
      const pieces = reader.stream(
        `SELECT ${names.join(", ")} FROM ${dialect.events} WHERE day = CAST(:day AS DATE)`,
        { day },
      );
      for await (const piece of pieces) {
        yield piece.map((row) => {
          const values = columns.map(({ name }) => [name, row[`c_${name}`] ?? null] as const);
          return rowOf(Object.fromEntries(values));
        });
      }
    },
    async erased() {
      const rows = await reader.rows(`SELECT installation FROM ${dialect.erased}`);
      return rows.map(({ installation }) => String(installation));
    },
  };
}

export async function countsIn(reader: Reader): Promise<Map<string, number>> {
  const counted = await reader.rows(
    `SELECT day, product, count(*) AS n FROM ${reader.dialect.events} GROUP BY day, product`,
  );
  return new Map(counted.map(({ day, product, n }) => [`${day} ${product}`, Number(n)]));
}

/** @throws ToldError where it can't be asked. */
export function readerOf(store: Store): Reader {
  if (!store.reader) {
    throw new ToldError(`${store.name} can't be read: copy from and to DuckDB or ClickHouse.`);
  }
  return store.reader;
}
