import { createHash } from "node:crypto";
import { once } from "node:events";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll } from "vitest";
import { bundled } from "../bundled.ts";
import { startTime, withClock } from "./clock.ts";

/** A built collector as a process, with a made-up history. */
interface Served {
  /** The dashboard's. */
  url: string;
  /** Needed where it was asked for. */
  token: string;
  /** At once, as a machine that fails. */
  stop(): Promise<void>;
  /** On the same port, with the same events. */
  restart(): Promise<Served>;
}

/** What writing-history.ts takes. */
export interface Filling {
  file: string;
  schema: string;
  history?: { events: number; installations: number; end: number };
}

/** What the demo's history is made of here: small, and up to the moment that it is there. */
export const history = { events: 9_000, installations: 1_500, end: startTime };

const main = fileURLToPath(new URL("../../dist/main.mjs", import.meta.url));
/** Built with the collector, and served by it. */
export const pageFolder = fileURLToPath(new URL("../../dist/dashboard", import.meta.url));

let filled: Promise<string> | undefined;

export async function serveDemo({ isLocked = false } = {}): Promise<Served> {
  filled ??= fill({ history });
  const folder = await newFolder();
  await cp(await filled, folder, { recursive: true });
  return serve(folder, isLocked);
}

/** One for the tests of a file or group. */
export function withDemo(): () => Served {
  let served: Served;
  beforeAll(async () => {
    served = await serveDemo();
  });
  afterAll(() => served?.stop());
  return () => served;
}

export async function serveEmpty(): Promise<Served> {
  return serve(await fill({}), false);
}

let filler: Promise<string> | undefined;

/** @returns the folder. */
async function fill(given: Pick<Filling, "history">): Promise<string> {
  filler ??= bundled(new URL("./writing-history.ts", import.meta.url));
  const folder = await newFolder();
  const filling: Filling = { ...filesIn(folder), ...given };
  await execa("node", [...withClock, await filler, JSON.stringify(filling)], { stderr: "inherit" });
  return folder;
}

async function serve(folder: string, isLocked: boolean, port = 0): Promise<Served> {
  const { file, schema } = filesIn(folder);
  const token = "a-token-of-the-test";
  const hash = createHash("sha256").update(token).digest("hex");
  const flags = ["--events", schema, "--store", `duckdb:${file}`, "--port", String(port)];
  const command = [...withClock, main, ...flags, ...(isLocked ? ["--token", hash] : [])];
  const child = execa("node", command, {
    env: { SENDOFF_COLLECTOR_LOG_LEVEL: "warn" },
    stderr: "inherit",
    reject: false,
    buffer: false,
  });
  const [said] = await Promise.race([
    once(child.stdout, "data"),
    child.then(({ exitCode }) => Promise.reject(new Error(`The collector ended: ${exitCode}`))),
  ]);
  const url = /http:\/\/\S+\/dashboard\//.exec(String(said))?.[0] ?? "";
  const origin = new URL(url).origin;
  while (!(await fetch(`${origin}/readyz`)).ok)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    url,
    token,
    async stop() {
      child.kill("SIGKILL");
      await child;
    },
    restart: () => serve(folder, isLocked, Number(new URL(url).port)),
  };
}

function newFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), "sendoff-dashboard-"));
}

function filesIn(folder: string) {
  return { file: path.join(folder, "telemetry.db"), schema: path.join(folder, "schema.json") };
}
