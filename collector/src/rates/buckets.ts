/** So many at once, refilled at a steady rate. */
export interface Rate {
  perMinute: number;
  /** @default as many as in a minute */
  burst?: number;
}

/** Names that are remembered, at most twice as many; an idle one begins anew, which gives it more. */
const mostNames = 50_000;

/**
 * Token buckets by name, of bounded memory.
 * @param rate 0 a minute stands for no limit.
 */
export class Buckets {
  /** Two generations: in one map that forgets its oldest, each look for it would pass the forgotten. */
  #young = new Map<string, Bucket>();
  #old = new Map<string, Bucket>();
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

  #bucket(name: string, nowMs: number): Bucket {
    const young = this.#young.get(name);
    if (young) return young;
    const bucket = this.#old.get(name) ?? { left: this.#burst, at: nowMs };
    if (this.#young.size >= mostNames) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, bucket);
    return bucket;
  }
}

interface Bucket {
  left: number;
  at: number;
}
