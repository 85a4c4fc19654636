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
    return createHmac("sha256", key).update(networkOf(source)).digest("base64");
  };
  return {
    request(source, nowMs) {
      const wait = settings.perSource === 0 ? 0 : sources.take(hashed(source, nowMs), nowMs);
      // One that is over its own limit takes nothing of what is everybody's.
      return wait > 0 ? wait : total.take("", nowMs);
    },
    installation: (anonymousId, nowMs) => ids.take(anonymousId, nowMs),
    erasure: (source, nowMs) => erasures.take(hashed(source, nowMs), nowMs),
  };
}

/**
 * Of an IPv6 address the first half: the other is its owner's to choose, anew for each request.
 * An IPv4 address, whichever way it is written, is one.
 */
function networkOf(source: string): string {
  if (!source.includes(":") || source.includes(".")) return source.replace(/^::ffff:/i, "");
  const [head = "", tail] = source.split("::");
  const words = (text: string) => text.split(":").filter((word) => word !== "");
  const [first, last] = [words(head), words(tail ?? "")];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const all = [...first, ...Array<string>(zeros).fill("0"), ...last];
  return all
    .slice(0, 4)
    .map((word) => Number.parseInt(word, 16))
    .join(":");
}
