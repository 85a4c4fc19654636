import { setTimeout as pause } from "node:timers/promises";
import { SettingsError } from "../config/told-error.ts";
import type { Store } from "../store/store.ts";
import { fillStore } from "./fill.ts";
import type { HistoryOptions } from "./history.ts";
import { demoName } from "./product.ts";
import { createProgress } from "./progress.ts";

export interface DemoOptions extends Omit<HistoryOptions, "end"> {
  /** @default now, to the hour: the same within it for the same seed */
  end?: Date;
}

/**
 * `sendoff-collector demo`: fills a store.
 * @returns what is in it now, in words.
 * @throws SettingsError where there is a history already, or nothing can be read back.
 */
export async function runDemo(store: Store, options: DemoOptions): Promise<string> {
  if ((await countIn(store)) > 0) {
    throw new SettingsError(
      `${store.name} has events of ${demoName} already: remove it, or name another.`,
    );
  }
  const hour = 60 * 60 * 1000;
  const { end = new Date(Math.floor(Date.now() / hour) * hour), events = 300_000 } = options;
  const startedAt = performance.now();
  const progress = createProgress(events, "events");
  try {
    const { taken } = await fillStore(store, { ...options, events, end }, progress.to);
    await store.maintain(new Date());
    // Durable they are; a store may still be at work until they can be read.
    while ((await countIn(store)) < taken) await pause(100);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const number = taken.toLocaleString("en");
    return `${number} events of a made-up product, ${demoName}, are in ${store.name} (${seconds} s).`;
  } finally {
    progress.end();
  }
}

async function countIn({ name, reader }: Store): Promise<number> {
  if (!reader) {
    throw new SettingsError(`${name} only forwards: the demo needs a store that can be read.`);
  }
  const sql = `SELECT count(*) AS events FROM ${reader.dialect.events} WHERE product = :name`;
  const [row] = await reader.rows(sql, { name: demoName });
  return Number(row?.events ?? 0);
}
