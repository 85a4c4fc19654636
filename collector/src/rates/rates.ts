import { createHmac, randomBytes } from "node:crypto";
import { Buckets } from "./buckets.ts";

/** Requests a minute; 0 stands for no limit. */
export interface RateSettings {
  /** Of one installation. A laptop that comes back from a month offline has 500 batches at once. */
  perId: number;
  /** From one address: an office, or a CI vendor's gateway. */
  perSource: number;
  total: number;
}

/** What an erasure may be asked a minute, from one address: it costs the store far more than a write. */
const erasuresPerMinute = 10;
const hourMs = 3_600_000;

export interface Rates {
  /** @returns 0, or the seconds after which to ask again. */
  request(source: string, nowMs: number): number;
  /** Once the body has said who; only installations have an id of their own. */
  installation(anonymousId: string, nowMs: number): number;
  erasure(source: string, nowMs: number): number;
}

/**
 * Limits by address and id that remember neither: an address is told from another by a hash under
 * a key that is made anew each hour, and is kept nowhere.
 */
export function createRates(settings: RateSettings): Rates {
  const total = new Buckets({ perMinute: settings.total });
  const sources = new Buckets({ perMinute: settings.perSource });
  const ids = new Buckets({ perMinute: settings.perId });
  const erasures = new Buckets({ perMinute: erasuresPerMinute });
  let key = randomBytes(32);
  let keyUntil = 0;
  const hashed = (source: string, nowMs: number) => {
    if (nowMs >= keyUntil) {
      key = randomBytes(32);
      keyUntil = nowMs + hourMs;
    }
    return createHmac("sha256", key).update(source).digest("base64");
  };
  return {
    request: (source, nowMs) =>
      Math.max(
        total.take("", nowMs),
        settings.perSource === 0 ? 0 : sources.take(hashed(source, nowMs), nowMs),
      ),
    installation: (anonymousId, nowMs) => ids.take(anonymousId, nowMs),
    erasure: (source, nowMs) => erasures.take(hashed(source, nowMs), nowMs),
  };
}
