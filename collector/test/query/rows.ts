import type { EventRow, Place } from "../../src/rows/row.ts";
import { type Changes, exampleHash, exampleRow } from "../example-rows.ts";

/** Rows of 60 days as builds might make them, the same for the same seed. */

const DAY_MS = 86_400_000;

export interface History {
  seed: number;
  count: number;
  /** The last day. */
  to: string;
  days: number;
  installations: number;
}

export function historyOf({ seed, count, to, days, installations }: History): EventRow[] {
  const random = generator(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() ** 2 * items.length)] as T;
  const last = Date.parse(to);
  return Array.from({ length: count }, (_, index) => {
    const place = pickPlace(random());
    const hasId = place === "installation";
    const who = Math.floor(random() ** 2 * installations);
    const isFailure = random() < 0.1;
    const changes: Changes = {
      timestamp: last - Math.floor(random() * days) * DAY_MS + Math.floor(random() * DAY_MS),
      eventName: isFailure ? "build:failed" : "build:completed",
      product: "acme",
      place,
      anonymousId: hasId ? exampleHash(`installation ${who}`) : null,
      projectHash: hasId ? exampleHash(`project ${who % 300}`) : null,
      fields: {
        toolsCount: Math.floor(random() * 12),
        transport: pick(["http", "stdio"]),
        typescript: random() < 0.7,
        features: ["auth", "cache", "oauth", "widgets"].filter(() => random() < 0.3),
        filesByKind: { ts: Math.floor(random() * 100), ...(random() < 0.3 && { css: 3 }) },
      },
      meta: {
        platform: ["linux", "darwin", "win32", "freebsd"][who % 97 === 1 ? 3 : who % 3] as string,
        memoryTotal: [8000, 16_000, 32_000][who % 3] as number,
        isWsl: who % 31 === 0,
        isCI: place === "ci",
        ciName: place === "ci" ? pick(["GitHub Actions", "GitLab CI"]) : null,
        agent: who % 5 === 0 ? "claude" : null,
      },
      build: {
        success: !isFailure,
        duration: Math.floor(Math.exp(5 + random() * 5)),
        bundler: pick(["webpack", "vite", "rspack", "esbuild", "rollup"]),
        productVersion: pick(["1.9.0", "1.10.0", "1.8.2", "1.8.1", "1.7.0", "1.6.0", "1.0.0"]),
        errorPhase: isFailure ? pick(["compile", "config"]) : null,
        errorType: isFailure ? pick(["TS2307", "SyntaxError", "TypeError", "UnknownError"]) : null,
      },
    };
    return exampleRow(seed * 1_000_000 + index, changes);
  });
}

function pickPlace(chance: number): Place {
  return chance < 0.7 ? "installation" : chance < 0.95 ? "ci" : "container";
}

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
