import { writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { checkFolder } from "../config/folder.ts";
import { readSettings } from "../config/read-settings.ts";
import { SettingsError } from "../config/told-error.ts";
import { runDemo } from "../demo/demo.ts";
import { demoSchema } from "../demo/product.ts";
import { createProgress } from "../demo/progress.ts";
import { checkPlace, folderOf, openStore } from "../store/open-store.ts";
import { serve } from "./serve.ts";

/** As they stand on the command line. */
export interface DemoFlags {
  store: string;
  events: string;
  installations: string;
  days: string;
  seed: string;
  port?: string;
  /** False for `--no-serve`. */
  serve: boolean;
}

/** `sendoff-collector demo`: a made-up history in a store of its own, and a collector on it. */
export async function demo(flags: DemoFlags): Promise<void> {
  const history = {
    events: whole(flags, "events", 100, 100_000_000),
    installations: whole(flags, "installations", 1, 10_000_000),
    // What is older than it would be kept is deleted at once.
    days: whole(flags, "days", 1, 90),
    seed: whole(flags, "seed", 0, 2 ** 31 - 1),
  };
  const schema = `${folderOf([flags.store])?.base ?? "demo"}.schema.json`;
  const given = {
    flags: { events: [schema], store: [flags.store], port: flags.port },
    env: process.env,
  };
  const settings = readSettings(given);
  checkPlace([flags.store], "name another place by --store");
  checkFolder(dirname(resolve(schema)), "start it in another, for demo.schema.json");
  writeFileSync(schema, JSON.stringify(demoSchema()));
  const onError = (error: Error) => void process.stderr.write(`${error.message}\n`);
  const times = timesMore(history, flags.store);
  const store = await openStore(flags.store, { ...settings, onError });
  try {
    await store.ready;
    const events = Math.round(history.events / times);
    process.stdout.write(`${await runDemo(store, { ...history, events })}\n`);
  } finally {
    await store.close();
  }
  if (times > 1) await makeLarger(flags.store, times);
  const told = () => process.stdout.write(`Look at it: ${collectorOn(schema, flags.store)}\n`);
  if (!flags.serve) {
    told();
    return;
  }
  await serve(given).catch((error) => {
    // It need not be written once more because a port is taken.
    told();
    throw error;
  });
}

/** From here on the engine multiplies a history of this size: the way in takes twenty minutes. */
const bulkFrom = 2_000_000;

function timesMore(
  { events, installations }: { events: number; installations: number },
  store: string,
): number {
  if (events < bulkFrom || !folderOf([store])) return 1;
  return Math.max(1, Math.floor(events / Math.max(300_000, installations * 3)));
}

async function makeLarger(store: string, times: number): Promise<void> {
  const { multiply } = await import("../store/duckdb/multiply.ts");
  const progress = createProgress(100, "% of the copies");
  const base = folderOf([store])?.base ?? "";
  const events = await multiply(base, times, (share) => progress.to(Math.round(share * 100)));
  progress.end();
  process.stdout.write(`Multiplied to ${events.toLocaleString("en")}.\n`);
}

function collectorOn(schema: string, store: string): string {
  return `sendoff-collector --events ${schema} --store ${store}`;
}

function whole(
  flags: DemoFlags,
  name: "events" | "installations" | "days" | "seed",
  least: number,
  most: number,
): number {
  const value = Number(flags[name]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SettingsError(`--${name}: say a whole number from ${least} to ${most}.`);
}
