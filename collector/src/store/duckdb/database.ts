import { realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { createTables, quoted } from "./schema.ts";
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
  #readers = 0;
  /** Set while the file is exchanged. */
  #exchange: Promise<void> | undefined;
  #onNoReaders: (() => void) | undefined;

  private constructor(file: string, instance: DuckDBInstance, writer: DuckDBConnection) {
    this.file = file;
    this.#instance = instance;
    this.#writer = writer;
  }

  /** @throws Error where another collector has it open, or it is no database. */
  static async open(settings: DuckDbSettings): Promise<Database> {
    const file = resolvedFile(settings.file);
    if (openHere.has(file)) {
      throw new Error(inUse(file));
    }
    openHere.add(file);
    try {
      const instance = await DuckDBInstance.create(":memory:", {
        threads: String(settings.threads ?? Math.max(1, availableParallelism() >> 1)),
        memory_limit: `${settings.memoryLimit ?? 1024}MiB`,
        temp_directory: `${file}.tmp`,
        // Nothing is to be fetched from anywhere while a server runs.
        autoinstall_known_extensions: "false",
        // `checkpoint` below decides, which then deletes the journal, too.
        checkpoint_threshold: "1TB",
      });
      const writer = await instance.connect();
      const database = new Database(file, instance, writer);
      await database.#attach();
      // A rewrite or a query that a kill has ended.
      await rm(`${file}.new`, { force: true });
      await rm(`${file}.new.wal`, { force: true });
      await rm(`${file}.tmp`, { force: true, recursive: true });
      for (const statement of createTables) {
        await writer.run(statement);
      }
      return database;
    } catch (error) {
      openHere.delete(file);
      throw error;
    }
  }

  /** One after the other; each statement is a transaction unless it begins one. */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const result = this.#writing.then(() => work(this.#writer));
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
    while (this.#exchange) {
      await this.#exchange;
    }
    this.#readers += 1;
    const connection = await this.#instance.connect();
    await connection.run(`USE ${NAME}`);
    return {
      connection,
      release: () => {
        connection.closeSync();
        this.#readers -= 1;
        if (this.#readers === 0) {
          this.#onNoReaders?.();
        }
      },
    };
  }

  /** Moves what is in the engine's log to its place in the file. */
  async checkpoint(): Promise<void> {
    await this.write((connection) => connection.run(`CHECKPOINT ${NAME}`));
  }

  async close(): Promise<void> {
    await this.write(async (connection) => {
      await this.#detach();
      connection.closeSync();
      this.#instance.closeSync();
    });
    openHere.delete(this.file);
  }

  async #attach(): Promise<void> {
    try {
      await this.#writer.run(`ATTACH ${quoted(this.file)} AS ${NAME}`);
    } catch (error) {
      const { message } = error as Error;
      throw new Error(/lock on file/.test(message) ? inUse(this.file) : message, { cause: error });
    }
    await this.#writer.run(`USE ${NAME}`);
  }

  async #detach(): Promise<void> {
    await this.#writer.run(`CHECKPOINT ${NAME}`);
    await this.#writer.run("USE memory");
    await this.#writer.run(`DETACH ${NAME}`);
  }
}

const NAME = "store";

/** The same for two names of one file, where it is there. */
function resolvedFile(file: string): string {
  const whole = resolve(file);
  try {
    return join(realpathSync(dirname(whole)), basename(whole));
  } catch {
    return whole;
  }
}

const inUse = (file: string) =>
  `${file} is open in another collector: stop that one, or give this one another file.`;
