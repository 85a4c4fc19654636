import type { IdHash } from "../../rows/row.ts";

/** A late retry comes within 30 days. */
const DAYS_OF_TOMBSTONES = 31;
const DAY_MS = 86_400_000;

/** Installations that were erased, so that a late retry doesn't bring one back. */
export class Tombstones {
  /** Hashes, and when; milliseconds since 1970. */
  readonly #erased = new Map<IdHash, number>();

  add(installation: IdHash, at: number): void {
    this.#erased.set(installation, at);
  }

  has(installation: IdHash | null): boolean {
    return installation !== null && this.#erased.size > 0 && this.#erased.has(installation);
  }

  forgetBefore(now: number): void {
    for (const [installation, at] of this.#erased) {
      if (at < now - DAYS_OF_TOMBSTONES * DAY_MS) {
        this.#erased.delete(installation);
      }
    }
  }
}
