import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { IdHash } from "../../rows/row.ts";
import { syncFolder } from "../duckdb/journal.ts";

const DAY_MS = 86_400_000;
/** A late retry comes within 30 days. */
const DAYS_OF_TOMBSTONES = 31;

/** Installations that were erased, in a file beside the queue: a late retry is not forwarded. */
export class TombstoneFile {
  readonly #folder: string;
  readonly #erased: Map<IdHash, number>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string, erased: Map<IdHash, number>) {
    this.#folder = folder;
    this.#erased = erased;
  }

  static async open(folder: string): Promise<TombstoneFile> {
    const text = await readFile(join(folder, "erased.json"), "utf8").catch((error) => {
      if (error.code === "ENOENT") {
        return "[]";
      }
      throw error;
    });
    return new TombstoneFile(folder, new Map(JSON.parse(text) as [IdHash, number][]));
  }

  has(installation: IdHash | null): boolean {
    return installation !== null && this.#erased.has(installation);
  }

  /** Resolves when it is durable. */
  add(installation: IdHash, now: number): Promise<void> {
    this.#erased.set(installation, now);
    return this.#save();
  }

  async forget(now: number): Promise<void> {
    const before = this.#erased.size;
    for (const [installation, at] of this.#erased) {
      if (now - at > DAYS_OF_TOMBSTONES * DAY_MS) {
        this.#erased.delete(installation);
      }
    }
    if (this.#erased.size < before) {
      await this.#save();
    }
  }

  #save(): Promise<void> {
    this.#writing = this.#writing.catch(() => {}).then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const file = join(this.#folder, "erased.json");
    const handle = await open(`${file}.new`, "w", 0o600);
    try {
      await handle.writeFile(JSON.stringify([...this.#erased]));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${file}.new`, file);
    await syncFolder(this.#folder);
  }
}
