import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Running, start } from "../../src/cli/serve.ts";
import { readSettings } from "../../src/config/read-settings.ts";
import type { Product } from "../../src/definitions/product.ts";
import { productOf, schemaOf } from "../ingest/payloads.ts";

export interface TestCollector extends Running {
  product: Product;
  folder: string;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** The whole collector in this process, with a DuckDB file of its own, on a port that was free. */
export async function startCollector(
  flags: Record<string, unknown> = {},
  folder = mkdtempSync(join(tmpdir(), "sendoff-collector-")),
): Promise<TestCollector> {
  mkdirSync(folder, { recursive: true });
  const events = join(folder, "acme.schema.json");
  writeFileSync(events, JSON.stringify(schemaOf()));
  const store = `duckdb:${join(folder, "telemetry.duckdb")}`;
  const preset = {
    events: [events],
    store: [store],
    port: 0,
    logLevel: process.env.COLLECTOR_LOG ?? "silent",
  };
  const running = await start(readSettings({ flags: { ...preset, ...flags }, env: {} }));
  await running.store.ready;
  onTestFinished(async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...running,
    product: productOf(),
    folder,
    post: (body, headers = {}) =>
      fetch(`${running.url}/v1/events`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
  };
}

/** What is in the store by its own count, once what came in is loaded. */
export async function countOf(
  { store }: Running,
  isEnough = (_: number) => false,
): Promise<number> {
  const { reader } = store;
  if (!reader) throw new Error("no reader");
  const until = Date.now() + 20_000;
  for (;;) {
    const [row] = await reader.rows(`SELECT count(*) AS events FROM ${reader.dialect.events}`);
    const count = Number(row?.events);
    if (isEnough(count) || Date.now() > until) return count;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Bytes as they are, which no HTTP client would send. Resolves when the other end has closed. */
export function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}
