import { stat } from "node:fs/promises";
import type { FieldColumns } from "../field-columns.ts";
import type { Database } from "./database.ts";
import { addColumn } from "./fields.ts";
import type { Journal } from "./journal.ts";
import { loadFiles, noteLoaded } from "./schema.ts";

/** A query sees an event at most two seconds after its answer: this, and the time to load. */
const LOAD_AFTER_MS = 1000;
const CHECKPOINT_AFTER_MS = 60_000;
const AGAIN_AFTER_MS = 5000;

const MIB = 1024 * 1024;

/**
 * Brings the journal's rows into the database: sealed segments, in one transaction with the number
 * of the last one, so that a start after a kill goes on where it was. Segments are deleted after a
 * checkpoint, never because of the engine's log alone.
 */
export class Loader {
  readonly #database: Database;
  readonly #journal: Journal;
  readonly #fields: FieldColumns;
  readonly #walBytes: number;
  readonly #onError: (error: Error) => void;
  #loaded: number;
  #loadedBytes = 0;
  #checkpointed: number;
  #checkpointedAt = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #loading: Promise<unknown> = Promise.resolve();

  constructor(
    database: Database,
    journal: Journal,
    fields: FieldColumns,
    loaded: number,
    settings: { walSize: number; onError: (error: Error) => void },
  ) {
    this.#database = database;
    this.#journal = journal;
    this.#fields = fields;
    this.#loaded = loaded;
    this.#checkpointed = loaded;
    this.#walBytes = settings.walSize * MIB;
    this.#onError = settings.onError;
  }

  /** Bytes of rows that no query sees yet. */
  get behind(): number {
    return this.#journal.written - this.#loadedBytes;
  }

  /** Loads within a second. */
  soon(after = LOAD_AFTER_MS): void {
    this.#timer ??= setTimeout(async () => {
      try {
        await this.load();
      } catch (error) {
        this.#onError(error as Error);
        this.soon(AGAIN_AFTER_MS);
      }
    }, after);
  }

  /** Resolves when all that was durable when it was called can be queried. */
  load(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const result = this.#loading.then(() => this.#load());
    this.#loading = result.catch(() => {});
    return result;
  }

  async #load(): Promise<void> {
    await this.#journal.seal();
    const segments = await this.#journal.sealedAfter(this.#loaded);
    const last = segments.at(-1);
    if (last) {
      const files = segments.map(({ file }) => file);
      await this.#addColumns();
      await this.#database.transaction(async (connection) => {
        await connection.run(loadFiles(files, this.#fields));
        await connection.run(noteLoaded(last.number));
      });
      this.#loaded = last.number;
      this.#loadedBytes += segments.reduce((sum, { bytes }) => sum + bytes, 0);
    }
    const isDue = Date.now() - this.#checkpointedAt > CHECKPOINT_AFTER_MS;
    if (this.#loaded > this.#checkpointed && (isDue || (await this.#walSize()) > this.#walBytes)) {
      await this.#checkpoint();
    }
  }

  /** The engine loads no row into a column of the same transaction. */
  async #addColumns(): Promise<void> {
    const { missing } = this.#fields;
    if (missing.length === 0) return;
    await this.#database.transaction(async (connection) => {
      for (const column of missing) await connection.run(addColumn(column));
    });
    this.#fields.added(missing);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Everything in the database file, and the journal empty. */
  async settle(): Promise<void> {
    await this.load();
    await this.#checkpoint();
  }

  async #checkpoint(): Promise<void> {
    const loaded = this.#loaded;
    await this.#database.checkpoint();
    this.#checkpointed = loaded;
    this.#checkpointedAt = Date.now();
    await this.#journal.deleteUpTo(loaded);
  }

  async #walSize(): Promise<number> {
    return (await stat(`${this.#database.file}.wal`).catch(() => undefined))?.size ?? 0;
  }
}
