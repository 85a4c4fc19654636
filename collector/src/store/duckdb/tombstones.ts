import type { IdHash } from "../../rows/row.ts";

/** A late retry comes within 30 days. */
const DAYS_OF_TOMBSTONES = 31;
const DAY_MS = 86_400_000;

/** Installations that were erased, so that a late retry doesn't bring one back. */
export class Tombstones {
  /** Hashes, and when; milliseconds since 1970. */
  readonly #erased = new Map<IdHash, number>();
  /** When those were erased whose bytes may still be in a file. */
  readonly left: number[] = [];

  add(installation: IdHash, at: number): void {
    this.#erased.set(installation, at);
  }

  has(installation: IdHash | null): boolean {
    return installation !== null && this.#erased.size > 0 && this.#erased.has(installation);
  }

  get oldestLeft(): number | undefined {
    return this.left.length > 0 ? Math.min(...this.left) : undefined;
  }

  rewritten(these: readonly number[]): void {
    for (const at of these) {
      this.left.splice(this.left.indexOf(at), 1);
    }
  }

  /** @returns those from before then are forgotten; milliseconds since 1970. */
  forgetBefore(now: number): number {
    const before = now - DAYS_OF_TOMBSTONES * DAY_MS;
    for (const [installation, at] of this.#erased) {
      if (at < before) {
        this.#erased.delete(installation);
      }
    }
    return before;
  }
}
