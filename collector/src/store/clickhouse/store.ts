import type { EventRow, IdHash } from "../../rows/row.ts";
import { FieldColumns } from "../field-columns.ts";
import {
  type Erasure,
  type Reader,
  type Store,
  StoreBusyError,
  type WriteResult,
} from "../store.ts";
import { type ClickHouse, firstLine, rowsOf } from "./client.ts";
import { flavorOf } from "./flavor.ts";
import { insertRows, LegacyInserts } from "./inserts.ts";
import { migrate } from "./migrate.ts";
import { clickHouseReader } from "./reader.ts";
import { decimal } from "./rows.ts";
import type { Layout } from "./schema.ts";
import type { ClickHouseSettings } from "./settings.ts";
import { Upkeep } from "./upkeep.ts";

const DAY_MS = 86_400_000;

/**
 * For many collectors and billions of events: a ClickHouse server, or a cluster of them. Nobody
 * knows which ids another collector has taken, so every row counts as taken, and rows of one id
 * collapse when they are read.
 *
 * @throws Error where the server doesn't answer, or the tables can't be made.
 */
export async function openStore(client: ClickHouse, settings: ClickHouseSettings): Promise<Store> {
  try {
    const isMaster = settings.migrate ?? true;
    const flavor = isMaster ? await flavorOf(client) : "current";
    const layout: Layout = {
      flavor,
      retentionDays: settings.retentionDays ?? 90,
      cluster: settings.cluster,
    };
    if (isMaster) {
      await migrate(client, layout);
    }
    // A worker makes no tables, and no columns either.
    const columns =
      isMaster && flavor === "current" ? new FieldColumns(await columnsOf(client)) : undefined;
    const store = new ClickHouseStore(client, settings, layout, columns);
    if (isMaster) {
      await store.readTombstones();
    }
    return store;
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function columnsOf(client: ClickHouse): Promise<string[]> {
  const rows = await rowsOf(
    client,
    "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'events'",
  );
  return rows.map(({ name }) => String(name));
}

class ClickHouseStore implements Store {
  readonly name: string;
  readonly ready = Promise.resolve();
  readonly reader: Reader;
  readonly #client: ClickHouse;
  readonly #insert: (rows: readonly EventRow[]) => Promise<void>;
  readonly #columns: FieldColumns | undefined;
  readonly #upkeep: Upkeep;
  readonly #onError: (error: Error) => void;
  readonly #writing = new Set<Promise<unknown>>();
  #erased: ReadonlySet<IdHash> = new Set();
  #maintaining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    client: ClickHouse,
    settings: ClickHouseSettings,
    layout: Layout,
    columns: FieldColumns | undefined,
  ) {
    this.name = settings.name;
    this.#client = client;
    this.reader = clickHouseReader(client, layout, columns);
    const legacy = layout.flavor === "legacy" ? new LegacyInserts(client) : undefined;
    this.#insert = (rows) => (legacy ? legacy.insert(rows) : insertRows(client, rows));
    this.#columns = columns;
    this.#upkeep = new Upkeep(client, layout, this.reader, columns);
    this.#onError = settings.onError ?? (() => {});
  }

  async write(rows: readonly EventRow[]): Promise<WriteResult> {
    if (this.#closing) {
      throw new StoreBusyError("The store is closed.", 5);
    }
    const taken = rows.filter(
      ({ anonymousId }) => anonymousId === null || !this.#erased.has(anonymousId),
    );
    this.#columns?.note(taken);
    if (taken.length > 0) {
      const writing = this.#insert(taken);
      this.#writing.add(writing);
      try {
        await writing;
      } catch (error) {
        this.#onError(error as Error);
        throw new StoreBusyError(`ClickHouse: ${firstLine(error)}`, 5);
      } finally {
        this.#writing.delete(writing);
      }
    }
    return { taken: taken.length, repeated: 0, forgotten: rows.length - taken.length };
  }

  /** The tombstone hides its rows from every reader; they are deleted in the background. */
  async erase(installation: IdHash, now: Date): Promise<Erasure> {
    await this.#client.insert({
      table: "erased",
      values: [{ anonymousId: decimal(installation), erasedAt: now.getTime() }],
      format: "JSONEachRow",
    });
    this.#erased = new Set([...this.#erased, installation]);
    await this.#touch(installation);
    this.#upkeep.soon();
    return { goneBy: new Date(now.getTime() + DAY_MS) };
  }

  /** Aggregates that counted it are computed anew: their days have fewer rows now. */
  async #touch(installation: IdHash): Promise<void> {
    await this.#client.command({
      query: `INSERT INTO aggregated (day, n, computed)
        SELECT DISTINCT day, 0, ${Date.now()} FROM events WHERE anonymousId = ${decimal(installation)}`,
    });
  }

  /** Those that other collectors were asked for, too. */
  async readTombstones(): Promise<void> {
    const rows = await rowsOf(
      this.#client,
      "SELECT DISTINCT toString(anonymousId) AS hash FROM erased",
    );
    this.#erased = new Set(
      rows.map(({ hash }) => BigInt(String(hash)).toString(16).padStart(16, "0")),
    );
  }

  maintain(now: Date): Promise<void> {
    this.#maintaining ??= this.#maintain(now).finally(() => {
      this.#maintaining = undefined;
    });
    return this.#maintaining;
  }

  async #maintain(now: Date): Promise<void> {
    if (!this.#closing) {
      await this.readTombstones();
      await this.#upkeep.run(now.getTime());
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled([...this.#writing, this.#maintaining]);
    await this.#client.close();
  }
}
