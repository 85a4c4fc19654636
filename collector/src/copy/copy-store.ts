import { columns } from "../rows/columns.ts";
import type { EventRow } from "../rows/row.ts";
import { rowOf } from "../rows/row-of.ts";
import { type Reader, type Store, StoreBusyError } from "../store/store.ts";

const ROWS_A_WRITE = 5000;
const BUSY_TRIES = 60;

export interface CopyResult {
  events: number;
  /** Days of a product that have another number of events where they went. */
  differing: { product: string; day: string; from: number; to: number }[];
}

/**
 * Writes every event of one store to another, day by day, and counts both. Ids are kept, so that a
 * copy that was cut off is run again, and one into a store that has some of it counts none twice.
 *
 * @param onDay after each.
 * @throws Error where a store can't be asked, or takes nothing for a minute.
 */
export async function copyStore(
  from: Store,
  to: Store,
  onDay: (day: string, events: number) => void = () => {},
): Promise<CopyResult> {
  const [source, target] = [readerOf(from), readerOf(to)];
  await Promise.all([from.ready, to.ready]);
  const before = await counts(source);
  const names = columns.map((column) => `${source.dialect.value(column)} AS c_${column.name}`);
  const days = [...new Set([...before.keys()].map((key) => key.split(" ", 1)[0] as string))].sort();
  let events = 0;
  for (const day of days) {
    const pieces = source.stream(
      `SELECT ${names.join(", ")} FROM ${source.dialect.events} WHERE day = CAST(:day AS DATE)`,
      { day },
    );
    let waiting: EventRow[] = [];
    for await (const piece of pieces) {
      for (const row of piece) {
        const values = columns.map(({ name }) => [name, row[`c_${name}`] ?? null] as const);
        waiting.push(rowOf(Object.fromEntries(values)));
      }
      if (waiting.length >= ROWS_A_WRITE) {
        await write(to, waiting);
        events += waiting.length;
        waiting = [];
      }
    }
    await write(to, waiting);
    events += waiting.length;
    onDay(day, events);
  }
  return { events, differing: await compare(before, target) };
}

/** A store that loads what it has taken within two seconds is asked again. */
async function compare(
  before: ReadonlyMap<string, number>,
  target: Reader,
): Promise<CopyResult["differing"]> {
  let differing: CopyResult["differing"] = [];
  for (let tries = 0; tries < 5; tries += 1) {
    const after = await counts(target);
    differing = [...before].flatMap(([key, from]) => {
      const [day = "", product = ""] = key.split(" ");
      const to = after.get(key) ?? 0;
      // It may have had more than what was copied.
      return to >= from ? [] : [{ product, day, from, to }];
    });
    if (differing.length === 0) {
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return differing;
}

async function write(to: Store, rows: readonly EventRow[]): Promise<void> {
  for (let tries = 1; rows.length > 0; tries += 1) {
    try {
      await to.write(rows);
      return;
    } catch (error) {
      if (!(error instanceof StoreBusyError) || tries === BUSY_TRIES) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** Events by `<day> <product>`. */
async function counts(reader: Reader): Promise<Map<string, number>> {
  const rows = await reader.rows(
    `SELECT day, product, count(*) AS n FROM ${reader.dialect.events} GROUP BY day, product`,
  );
  return new Map(rows.map(({ day, product, n }) => [`${day} ${product}`, Number(n)]));
}

function readerOf(store: Store): Reader {
  if (!store.reader) {
    throw new Error(`${store.name} can't be read: copy from and to DuckDB or ClickHouse.`);
  }
  return store.reader;
}
