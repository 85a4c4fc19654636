import type { EventRow, IdHash } from "../rows/row.ts";
import type { Erasure, Reader, Store, WriteResult } from "./store.ts";

/**
 * Several stores as one: each keeps everything, the first that has a reader is asked. It is written
 * to first, and tells what was new; rows that another one then refuses come again with the client's
 * retry, and are repeats where they are.
 *
 * @param stores one at least.
 */
export function severalStores(stores: readonly Store[]): Store {
  const first = stores.find(({ reader }) => reader) ?? (stores[0] as Store);
  const others = stores.filter((store) => store !== first);
  return {
    name: stores.map(({ name }) => name).join(", "),
    ready: Promise.all(stores.map(({ ready }) => ready)).then(() => {}),
    ...(first.reader && { reader: first.reader as Reader }),
    async write(rows: readonly EventRow[]): Promise<WriteResult> {
      const result = await first.write(rows);
      await all(others, (store) => store.write(rows));
      return result;
    },
    async erase(installation: IdHash, now: Date): Promise<Erasure> {
      const erasures = await all(stores, (store) => store.erase(installation, now));
      const times = erasures.map(({ goneBy }) => goneBy?.getTime());
      return {
        goneBy: times.every((time) => time !== undefined) ? new Date(Math.max(...times)) : null,
      };
    },
    async maintain(now: Date): Promise<void> {
      await all(stores, (store) => store.maintain(now));
    },
    async close(): Promise<void> {
      await all(stores, (store) => store.close());
    },
  };
}

/** Waits for each, whatever becomes of the others. @throws what the first one threw. */
async function all<T>(stores: readonly Store[], work: (store: Store) => Promise<T>): Promise<T[]> {
  const results = await Promise.allSettled(stores.map(work));
  return results.map((result) => {
    if (result.status === "rejected") {
      throw result.reason;
    }
    return result.value;
  });
}
