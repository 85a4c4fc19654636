/** So many at once, refilled at a steady rate. */
export interface Rate {
  perMinute: number;
  /** @default as many as in a minute */
  burst?: number;
}

/** Names at once that are remembered; an older one begins anew, which gives it more, never less. */
const mostNames = 100_000;

/**
 * Token buckets by name, of bounded memory.
 * @param rate 0 a minute stands for no limit.
 */
export class Buckets {
  readonly #buckets = new Map<string, { left: number; at: number }>();
  readonly #perMs: number;
  readonly #burst: number;

  constructor({ perMinute, burst = perMinute }: Rate) {
    this.#perMs = perMinute / 60_000;
    this.#burst = burst;
  }

  /**
   * Takes one.
   * @returns 0, or the seconds until there is one again.
   */
  take(name: string, nowMs: number): number {
    if (this.#perMs === 0) return 0;
    const bucket = this.#bucket(name, nowMs);
    const refilled = bucket.left + Math.max(0, nowMs - bucket.at) * this.#perMs;
    bucket.left = Math.min(this.#burst, refilled);
    bucket.at = nowMs;
    if (bucket.left < 1) return Math.ceil((1 - bucket.left) / this.#perMs / 1000);
    bucket.left -= 1;
    return 0;
  }

  /** Moved to the end by each use, so that the first is the one that was idle the longest. */
  #bucket(name: string, nowMs: number) {
    const bucket = this.#buckets.get(name) ?? { left: this.#burst, at: nowMs };
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > mostNames) {
      this.#buckets.delete(this.#buckets.keys().next().value as string);
    }
    return bucket;
  }
}
