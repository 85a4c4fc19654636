import { ToldError } from "../config/told-error.ts";
import type { EventRow } from "../rows/row.ts";
import { type Reader, type Store, StoreBusyError } from "../store/store.ts";
import { type CopySource, countsIn, readerOf, sourceOf } from "./source.ts";

const ROWS_A_WRITE = 5000;
const BUSY_TRIES = 60;
/** Of days that got more while others were copied; what comes after that is for the next run. */
const ROUNDS = 3;

export interface CopyResult {
  /** In the source, when the last of them was read. */
  events: number;
  /** That came in since, where a collector writes to the source. */
  since: number;
  /** Days of a product that have fewer events where they went. */
  differing: { product: string; day: string; from: number; to: number }[];
}

/**
 * Writes every event of one store to another, day by day, and counts both. Ids are kept, so that a
 * copy that was cut off is run again, and one into a store that has some of it counts none twice.
 * Who was erased there is erased here.
 *
 * @param onDay after each.
 * @throws ToldError where a store can't be asked, or takes nothing for a minute.
 */
export async function copyStore(
  source: CopySource,
  to: Store,
  onDay: (day: string, events: number) => void = () => {},
): Promise<CopyResult> {
  const target = readerOf(to);
  await to.ready;
  let copied = new Map<string, number>();
  let counted = await source.counts();
  let events = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const days = new Set<string>();
    for (const [key, n] of counted) if (n > (copied.get(key) ?? 0)) days.add(dayIn(key));
    if (days.size === 0) break;
    copied = counted;
    for (const day of [...days].sort()) {
      events += await copyDay(source, to, day);
      onDay(day, events);
    }
    counted = await source.counts();
  }
  // After the last row is there: somebody may have been erased meanwhile.
  const gone = new Set(await sourceOf(to).erased());
  for (const installation of await source.erased()) {
    if (!gone.has(installation)) await to.erase(installation, new Date());
  }
  const expected = new Map<string, number>();
  // An erasure leaves fewer, and what came in later may not be there yet.
  for (const [key, n] of copied) expected.set(key, Math.min(n, counted.get(key) ?? 0));
  const all = sum(counted.values());
  const there = sum(expected.values());
  return { events: there, since: all - there, differing: await compare(expected, target) };
}

async function copyDay(source: CopySource, to: Store, day: string): Promise<number> {
  const known = await idsOf(readerOf(to), day);
  let waiting: EventRow[] = [];
  let events = 0;
  for await (const piece of source.rows(day)) {
    events += piece.length;
    waiting.push(...piece.filter(({ id }) => !known.has(id)));
    if (waiting.length >= ROWS_A_WRITE) {
      await write(to, waiting);
      waiting = [];
    }
  }
  await write(to, waiting);
  return events;
}

/** DuckDB tells repeats by the ids of the last month alone. */
async function idsOf(reader: Reader, day: string): Promise<ReadonlySet<string>> {
  if (reader.dialect.name !== "duckdb") return new Set();
  const sql = `SELECT id FROM ${reader.dialect.events} WHERE day = CAST(:day AS DATE)`;
  const found = await reader.rows(sql, { day });
  return new Set(found.map(({ id }) => String(id)));
}

/** A store that loads what it has taken within two seconds is asked again. */
async function compare(
  expected: ReadonlyMap<string, number>,
  target: Reader,
): Promise<CopyResult["differing"]> {
  let differing: CopyResult["differing"] = [];
  for (let tries = 0; tries < 10; tries += 1) {
    const after = await countsIn(target);
    differing = [...expected].flatMap(([key, from]) => {
      const to = after.get(key) ?? 0;
      const product = key.slice(dayIn(key).length + 1);
      // It may have had more than what was copied.
      return to >= from ? [] : [{ product, day: dayIn(key), from, to }];
    });
    if (differing.length === 0) break;
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
      if (!(error instanceof StoreBusyError)) throw error;
      if (tries === BUSY_TRIES) {
        throw new ToldError(
          `${to.name} takes nothing: ${error.message} Run the same command again when it does.`,
          { cause: error },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function dayIn(key: string): string {
  return key.slice(0, key.indexOf(" "));
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, n) => total + n, 0);
}
