import { existsSync, realpathSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { ToldError } from "../../config/told-error.ts";
import { checkFormat, writeFormat } from "./format.ts";
import { syncFolder } from "./journal.ts";
import { quoted } from "./quoted.ts";
import { createTables } from "./schema.ts";
import type { DuckDbSettings } from "./settings.ts";

/** The engine locks the file against other processes only. */
const openHere = new Set<string>();

/**
 * The database file, attached to an engine in memory, so that it can be exchanged for a rewritten
 * one while the engine goes on. One writer at a time; readers run beside it.
 */
export class Database {
  readonly file: string;
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  #writing: Promise<unknown> = Promise.resolve();
  readonly #readers = new Set<{ connection?: DuckDBConnection }>();
  readonly #readersThreads: number;
  #threads = 1;
  #settingThreads: Promise<unknown> = Promise.resolve();
  /** After a checkpoint that failed: the engine then refuses it until it is attached anew. */
  #isRefused = false;
  /** While the file is exchanged, or waits for that. */
  #gate: Promise<void> | undefined;

  private constructor(
    file: string,
    instance: DuckDBInstance,
    writer: DuckDBConnection,
    readersThreads: number,
  ) {
    this.file = file;
    this.#instance = instance;
    this.#writer = writer;
    this.#readersThreads = readersThreads;
  }

  /** @throws Error where another collector has it open, or it is no database. */
  static async open(settings: DuckDbSettings): Promise<Database> {
    const file = resolvedFile(settings.file);
    if (openHere.has(file)) {
      throw new ToldError(inUse(file));
    }
    openHere.add(file);
    let instance: DuckDBInstance | undefined;
    try {
      instance = await DuckDBInstance.create(":memory:", {
        threads: "1",
        memory_limit: `${settings.memoryLimit ?? 1024}MiB`,
        temp_directory: `${file}.tmp`,
        // Nothing is to be fetched from anywhere while a server runs.
        autoinstall_known_extensions: "false",
        // `checkpoint` below decides, which then deletes the journal, too.
        checkpoint_threshold: "1TB",
      });
      const writer = await instance.connect();
      const readersThreads = settings.threads ?? Math.max(2, availableParallelism() >> 1);
      const database = new Database(file, instance, writer, readersThreads);
      await database.#attach();
      await checkFormat(writer, file);
      // A rewrite or a query that a kill has ended.
      await removeRewritten(file);
      await rm(`${file}.tmp`, { force: true, recursive: true });
      // Together: tables without a number are of the first format.
      await writer.run("BEGIN");
      for (const statement of createTables) {
        await writer.run(statement);
      }
      await writeFormat(writer);
      await writer.run("COMMIT");
      return database;
    } catch (error) {
      // Lets go of the file.
      instance?.closeSync();
      openHere.delete(file);
      throw error;
    }
  }

  /** One after the other; each statement is a transaction unless it begins one. */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#afterWriting(async () => {
      if (this.#isRefused) {
        await this.#withoutReaders(() => this.#attachAnew());
      }
      if (this.#readers.size === 0) {
        await this.#useThreads(1, this.#writer);
      }
      try {
        return await work(this.#writer);
      } catch (error) {
        this.#isRefused ||= /has been invalidated/.test((error as Error).message);
        throw error;
      }
    });
  }

  #afterWriting<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(work);
    this.#writing = result.catch(() => {});
    return result;
  }

  /** All of it or nothing. */
  transaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.write(async (connection) => {
      await connection.run("BEGIN");
      try {
        const result = await work(connection);
        await connection.run("COMMIT");
        return result;
      } catch (error) {
        // A failed COMMIT has ended it already.
        await connection.run("ROLLBACK").catch(() => {});
        throw error;
      }
    });
  }

  /** @returns a connection for one query, to be given back. */
  async reader(): Promise<{ connection: DuckDBConnection; release: () => void }> {
    if (this.#isRefused) {
      await this.write(async () => {});
    }
    while (this.#gate) {
      await this.#gate;
    }
    // Before anything is awaited: the gate must see it.
    const place: { connection?: DuckDBConnection } = {};
    this.#readers.add(place);
    const release = () => {
      place.connection?.closeSync();
      this.#readers.delete(place);
    };
    try {
      place.connection = await this.#instance.connect();
      await place.connection.run(`USE ${NAME}`);
      await this.#useThreads(this.#readersThreads, place.connection);
      return { connection: place.connection, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Several are for queries. One that has nothing to do asks for work without a pause, so that loading
   * by two takes twice the processor's time that it takes by one, and no less of the clock's.
   */
  #useThreads(count: number, connection: DuckDBConnection): Promise<unknown> {
    if (count !== this.#threads) {
      this.#threads = count;
      this.#settingThreads = this.#settingThreads
        .then(() => connection.run(`SET threads = ${count}`))
        // It is the other's to close; the work goes on with those there are.
        .catch(() => {});
    }
    return this.#settingThreads;
  }

  /** Moves what is in the engine's log to its place in the file. */
  async checkpoint(): Promise<void> {
    await this.write((connection) => connection.run(`CHECKPOINT ${NAME}`));
  }

  /**
   * Puts a new file with what the tables have in place of the old one, so that no byte of deleted
   * rows is left. Writers wait for it; readers go on, but for the moment of the exchange.
   * @param change what to write to the new one before.
   */
  async rewrite(change: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    await this.write(async (connection) => {
      await removeRewritten(this.file);
      try {
        await connection.run(`ATTACH ${quoted(`${this.file}.new`)} AS rewritten (TYPE duckdb)`);
        await connection.run(`COPY FROM DATABASE ${NAME} TO rewritten`);
        await connection.run("USE rewritten");
        await change(connection);
        await connection.run("CHECKPOINT rewritten");
      } finally {
        await connection.run(`USE ${NAME}`);
        await connection.run("DETACH DATABASE IF EXISTS rewritten");
      }
      await this.#withoutReaders(() => this.#exchange());
    }).catch(async (error) => {
      // On a full disk, to give back what it took.
      await removeRewritten(this.file);
      throw error;
    });
  }

  async #exchange(): Promise<void> {
    await this.#detach();
    try {
      if (existsSync(`${this.file}.wal`)) {
        // It would be replayed into the new file.
        throw new Error(`${this.file}.wal is still there: the file was not rewritten.`);
      }
      await rename(`${this.file}.new`, this.file);
      await syncFolder(dirname(this.file));
    } finally {
      await this.#attach();
    }
  }

  /** Lets those that read end, without making others wait long; after a minute they are interrupted. */
  async #withoutReaders(work: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      let open = () => {};
      this.#gate = new Promise((resolve) => {
        open = resolve;
      });
      try {
        if (tries > EXCHANGE_TRIES) {
          for (const { connection } of this.#readers) {
            connection?.interrupt();
          }
        }
        const until = performance.now() + EXCHANGE_WAIT_MS;
        while (this.#readers.size > 0 && performance.now() < until) {
          await sleep(20);
        }
        if (this.#readers.size === 0) {
          return await work();
        }
      } finally {
        this.#gate = undefined;
        open();
      }
      if (tries > 2 * EXCHANGE_TRIES) {
        throw new Error("A query doesn't end, so the file was not rewritten.");
      }
      await sleep(EXCHANGE_WAIT_MS);
    }
  }

  async close(): Promise<void> {
    await this.#afterWriting(async () => {
      // On a full disk: what it can't write is in its log, which the next start reads.
      await this.#detach().catch(() => {});
      this.#writer.closeSync();
      this.#instance.closeSync();
    });
    openHere.delete(this.file);
  }

  /** Its log is read again: nothing that was committed is lost. */
  async #attachAnew(): Promise<void> {
    // Of a connection whose database is refused, every statement is.
    const other = await this.#instance.connect();
    try {
      await other.run(`DETACH DATABASE IF EXISTS ${NAME}`);
      await this.#attach(other);
    } finally {
      other.closeSync();
    }
  }

  async #attach(connection = this.#writer): Promise<void> {
    this.#isRefused = true;
    try {
      // Without the type, one that ends in .csv or .json would be tables to read from, in memory.
      await connection.run(`ATTACH ${quoted(this.file)} AS ${NAME} (TYPE duckdb)`);
    } catch (error) {
      const { message } = error as Error;
      throw new ToldError(whyClosed(this.file, message), { cause: error });
    }
    await this.#writer.run(`USE ${NAME}`);
    this.#isRefused = false;
  }

  async #detach(): Promise<void> {
    await this.#writer.run(`CHECKPOINT ${NAME}`);
    await this.#writer.run("USE memory");
    await this.#writer.run(`DETACH ${NAME}`);
  }
}

const NAME = "store";

const EXCHANGE_WAIT_MS = 1000;
const EXCHANGE_TRIES = 30;

async function removeRewritten(file: string): Promise<void> {
  await rm(`${file}.new`, { force: true });
  await rm(`${file}.new.wal`, { force: true });
}

/** The same for two names of one file, where it is there. */
function resolvedFile(file: string): string {
  const whole = resolve(file);
  try {
    return join(realpathSync(dirname(whole)), basename(whole));
  } catch {
    return whole;
  }
}

/** @param message the engine's. */
function whyClosed(file: string, message: string): string {
  if (/No space left/.test(message)) return `${file} can't be opened: its disk is full.`;
  if (/lock on file/.test(message)) return inUse(file);
  if (/Permission denied/.test(message)) {
    return `${file} is another user's: run this as the user whose it is, or name another file.`;
  }
  return `${file} can't be opened: ${message}\nName another file, put a backup in its place, or move it and ${file}.wal away to begin anew.`;
}

const inUse = (file: string) =>
  `${file} is open in another collector: stop that one, or give this one another file.`;
