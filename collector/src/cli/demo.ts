import { writeFileSync } from "node:fs";
import { readSettings, SettingsError } from "../config/read-settings.ts";
import { runDemo } from "../demo/demo.ts";
import { demoSchema } from "../demo/product.ts";
import { folderOf, openStore } from "../store/open-store.ts";
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
  writeFileSync(schema, JSON.stringify(demoSchema()));
  const onError = (error: Error) => void process.stderr.write(`${error.message}\n`);
  const store = await openStore(flags.store, { ...settings, onError });
  try {
    await store.ready;
    process.stdout.write(`${await runDemo(store, history)}\n`);
  } finally {
    await store.close();
  }
  if (flags.serve) await serve(given);
  else process.stdout.write(`Look at it: ${collectorOn(schema, flags.store)}\n`);
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
