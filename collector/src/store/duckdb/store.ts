import type { EventRow, IdHash } from "../../rows/row.ts";
import type { FieldColumns } from "../field-columns.ts";
import {
  type Erasure,
  type Reader,
  type Store,
  StoreBusyError,
  type WriteResult,
} from "../store.ts";
import { Database } from "./database.ts";
import { duckDbDialect } from "./dialect.ts";
import { Fingerprint, KnownIds } from "./ids.ts";
import { Journal } from "./journal.ts";
import { lineOf } from "./line.ts";
import { Loader } from "./loader.ts";
import { duckDbReader } from "./reader.ts";
import type { DuckDbSettings } from "./settings.ts";
import { readFields, readIds, readState } from "./start.ts";
import type { Tombstones } from "./tombstones.ts";
import { Upkeep } from "./upkeep.ts";

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
/** Bytes that wait for the disk; about 8,000 events. */
const MAX_WAITING = 8 * MIB;

/**
 * The default store: one DuckDB file. What comes in is known or new by an id in memory, made
 * durable by a journal, and loaded into the file within a second.
 *
 * @returns a store that reads at once and writes when `ready` resolves.
 * @throws Error where another collector has the file open, or it is no database.
 */
export async function openDuckDb(settings: DuckDbSettings): Promise<Store> {
  const database = await Database.open(settings);
  try {
    const { loaded, tombstones } = await readState(database);
    const journal = await Journal.open(`${database.file}.journal`, loaded);
    const left = await journal.sealedAfter(loaded);
    const fields = await readFields(
      database,
      left.map(({ file }) => file),
    );
    const loader = new Loader(database, journal, fields, loaded, {
      walSize: settings.walSize ?? 64,
      onError: settings.onError ?? (() => {}),
    });
    await loader.load();
    return new DuckDbStore(settings, { database, journal, fields, loader, tombstones });
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Parts {
  database: Database;
  journal: Journal;
  fields: FieldColumns;
  loader: Loader;
  tombstones: Tombstones;
}

class DuckDbStore implements Store {
  readonly name: string;
  readonly reader: Reader;
  readonly ready: Promise<void>;
  readonly #database: Database;
  readonly #journal: Journal;
  readonly #fields: FieldColumns;
  readonly #loader: Loader;
  readonly #tombstones: Tombstones;
  readonly #ids = new KnownIds();
  readonly #fingerprint = new Fingerprint();
  readonly #maxBehind: number;
  readonly #upkeep: Upkeep;
  readonly #onError: (error: Error) => void;
  /** Why nothing is taken now. */
  #refusal: string | undefined = "The store reads its ids.";
  #closing: Promise<void> | undefined;
  #maintaining: Promise<void> | undefined;

  constructor(settings: DuckDbSettings, parts: Parts) {
    const { database, journal, fields, loader, tombstones } = parts;
    const dialect = duckDbDialect(fields);
    this.name = `duckdb:${settings.file}`;
    this.reader = duckDbReader(database, dialect);
    this.#database = database;
    this.#upkeep = new Upkeep({
      database,
      dialect,
      loader,
      ids: this.#ids,
      tombstones,
      retentionDays: settings.retentionDays ?? 90,
    });
    this.#journal = journal;
    this.#fields = fields;
    this.#loader = loader;
    this.#tombstones = tombstones;
    this.#maxBehind = (settings.journalSize ?? 256) * MIB;
    this.#onError = settings.onError ?? (() => {});
    this.ready = readIds(database, this.#ids, dayOf(Date.now())).then(() => {
      this.#refusal = this.#closing && CLOSED;
    });
    // Whoever waits for it is told.
    this.ready.catch(() => {});
  }

  /** No async function, which would hold its rows until they are durable. */
  write(rows: readonly EventRow[]): Promise<WriteResult> {
    const refusal = this.#refusalNow();
    if (refusal) {
      return Promise.reject(new StoreBusyError(refusal, 5));
    }
    const result: WriteResult = { taken: 0, repeated: 0, forgotten: 0 };
    /** `high`, `low` of each new one. */
    const added: number[] = [];
    let lines = "";
    for (const row of rows) {
      if (this.#tombstones.has(row.anonymousId)) {
        result.forgotten += 1;
      } else if (this.#ids.add(this.#fingerprint.ofId(row.id), dayOf(row.timestamp))) {
        result.taken += 1;
        added.push(this.#fingerprint.high, this.#fingerprint.low);
        lines += lineOf(row, this.#fields);
      } else {
        result.repeated += 1;
      }
    }
    // A repeat's own write may be on its way.
    if (lines || (result.repeated > 0 && this.#journal.isBusy)) {
      return this.#append(lines, added).then(() => result);
    }
    return Promise.resolve(result);
  }

  #append(lines: string, added: readonly number[]): Promise<void> {
    const forget = () => {
      for (let index = 0; index < added.length; index += 2) {
        this.#ids.forget(added[index] as number, added[index + 1] as number);
      }
    };
    return this.#journal.append(lines, forget).then(
      () => this.#loader.soon(),
      (error: NodeJS.ErrnoException) => {
        this.#onError(error);
        const { code, message } = error;
        throw new StoreBusyError(
          code === "ENOSPC" ? "No space is left for the journal." : `The journal: ${message}`,
          60,
        );
      },
    );
  }

  #refusalNow(): string | undefined {
    const isFull = this.#journal.waiting > MAX_WAITING || this.#loader.behind > this.#maxBehind;
    return (
      this.#refusal ??
      (isFull ? "More is waiting to be written than the settings allow." : undefined)
    );
  }

  async erase(installation: IdHash, now: Date): Promise<Erasure> {
    await this.ready;
    // From here on nothing of it is taken; what was before is loaded, and deleted with the rest.
    this.#tombstones.add(installation, now.getTime());
    await this.#loader.load();
    await this.#upkeep.erase(installation, now.getTime());
    return { goneBy: new Date(now.getTime() + DAY_MS) };
  }

  maintain(now: Date): Promise<void> {
    this.#maintaining ??= this.#maintain(now).finally(() => {
      this.#maintaining = undefined;
    });
    return this.#maintaining;
  }

  async #maintain(now: Date): Promise<void> {
    await this.ready;
    if (!this.#refusal) {
      await this.#upkeep.run(now.getTime(), this.#journal.written);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#refusal = CLOSED;
    await this.ready.catch(() => {});
    await this.#maintaining?.catch(() => {});
    // Should it fail, what was answered is in the journal, and the next start loads it.
    await this.#loader.settle().catch(this.#onError);
    this.#loader.stop();
    await this.#database.close();
  }
}

const CLOSED = "The store is closed.";

function dayOf(timestamp: number): number {
  return Math.floor(timestamp / DAY_MS);
}
