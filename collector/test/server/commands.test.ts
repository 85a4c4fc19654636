import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { createToken } from "../../src/auth/tokens.ts";
import { demoSchema } from "../../src/demo/product.ts";
import type { EventRow } from "../../src/rows/row.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import type { Store } from "../../src/store/store.ts";
import { exampleHash, exampleRows } from "../example-rows.ts";
import { productOf, requestOf, schemaOf } from "../ingest/payloads.ts";
import { historyOf } from "../query/rows.ts";
import { program, startBuilt, until } from "./built.ts";

/** `copy` and `publish` as an operator runs them. */

const DAY_MS = 86_400_000;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sendoff-commands-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function run(args: readonly string[], env: Record<string, string> = {}) {
  return execa(process.execPath, [program, ...args], { reject: false, env });
}

function copy(from: string, to: string) {
  return run(["copy", "--from", `duckdb:${from}`, "--to", `duckdb:${to}`]);
}

async function withStore<T>(file: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openDuckDb({ file, threads: 1 });
  await store.ready;
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function fill(file: string, rows: readonly EventRow[]): Promise<void> {
  await withStore(file, async (store) => {
    for (let at = 0; at < rows.length; at += 1000) await store.write(rows.slice(at, at + 1000));
  });
}

/** All that is stored, but for when it came: a line each. */
function contents(file: string): Promise<string[]> {
  return withStore(file, async ({ reader }) => {
    const rows = await reader?.rows("SELECT * EXCLUDE (receivedAt) FROM events");
    return (rows ?? []).map((row) => JSON.stringify(row)).sort();
  });
}

test("copy takes everything out of a stopped collector's file, once, however often it is run", async () => {
  const folder = newFolder();
  const [from, to] = [join(folder, "from.duckdb"), join(folder, "to.duckdb")];
  // Half of them are older than what a store knows repeats by.
  await fill(from, [
    ...exampleRows(1, 1500),
    ...exampleRows(5001, 1500, { timestamp: Date.now() - 60 * DAY_MS, product: "another" }),
  ]);
  for (let times = 0; times < 2; times += 1) {
    const { exitCode, stdout, stderr } = await copy(from, to);
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      /\n3000 events are in duckdb:.*to\.duckdb, every day of every product\.$/,
    );
    expect(exitCode).toBe(0);
  }
  const copied = await contents(to);
  expect(copied).toHaveLength(3000);
  expect(copied).toEqual(await contents(from));
});

test("copy says what is missing, and what it can't do", async () => {
  const folder = newFolder();
  const [from, to] = [join(folder, "from.duckdb"), join(folder, "to.duckdb")];
  await fill(from, exampleRows(1, 200, { timestamp: Date.parse("2026-11-20T10:00:00Z") }));
  await withStore(to, (store) => store.erase(exampleHash("installation 7"), new Date()));
  const few = await copy(from, to);
  expect(few.stdout).toMatch(/^acme 2026-11-20: 200 in duckdb:.*, 196 in duckdb:/m);
  expect(few.stdout).toMatch(/Not all is there: run the same command again\.$/);
  expect(few.exitCode).toBe(1);
  const wrong = await run(["copy", "--from", `duckdb:${from}`, "--to", "sqlite:x"]);
  expect(wrong.stderr).toMatch(/sqlite:x is no store: say duckdb:FILE/);
  expect(wrong.exitCode).not.toBe(0);
});

test("copy reads a running collector while events come in, and who is erased stays so", async () => {
  const folder = newFolder();
  const [from, to] = [join(folder, "from.duckdb"), join(folder, "to.duckdb")];
  const [events, product] = [join(folder, "acme.schema.json"), productOf()];
  writeFileSync(events, JSON.stringify(schemaOf()));
  await fill(from, exampleRows(1, 4000));
  const { hash } = createToken();
  const flags = ["--token", hash, "--rate-per-source", "0"];
  const collector = await startBuilt(`duckdb:${from}`, { events: [events], flags });
  // Its rights are those that the file should have: nobody else's.
  expect(statSync(`${from}.copy`).mode & 0o777).toBe(0o600);

  const id = "ab".repeat(32);
  const send = async (method: string, body: unknown) =>
    fetch(`${collector.url}/v1/events`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const context = { anonymousId: id, projectHash: null, sessionId: null };
  expect((await send("POST", requestOf(product, { context }))).status).toBe(202);
  let [isOver, taken] = [false, 0];
  const sending = (async () => {
    while (!isOver) {
      expect((await send("POST", requestOf(product))).status).toBe(202);
      taken += 1;
    }
  })();
  await until(async () => taken > 50);
  const first = await copy(from, to);
  expect(first.stderr).toBe("");
  expect(first.stdout).toMatch(/events are in duckdb:.*, every day of every product\./);
  expect(first.exitCode).toBe(0);
  const meanwhile = (await contents(to)).length;
  expect(meanwhile).toBeGreaterThan(4050);
  expect((await send("DELETE", { anonymousId: id })).status).toBe(200);
  isOver = true;
  await sending;

  // What is answered is loaded within two seconds; then the rest is there.
  await until(async () => {
    const { exitCode, stdout } = await copy(from, to);
    expect(exitCode).toBe(0);
    return stdout.includes(`\n${4000 + taken} events are in `);
  });
  await collector.stop();
  const copied = await contents(to);
  expect(copied).toHaveLength(4000 + taken);
  expect(copied).toEqual(await contents(from));
  await withStore(to, async ({ reader }) => {
    expect(await reader?.rows("SELECT installation FROM erased")).toHaveLength(1);
  });
}, 120_000);

test("after a kill the socket that is left is in nobody's way", async () => {
  const folder = newFolder();
  const [from, to] = [join(folder, "from.duckdb"), join(folder, "to.duckdb")];
  const events = join(folder, "acme.schema.json");
  writeFileSync(events, JSON.stringify(schemaOf()));
  await fill(from, exampleRows(1, 20));
  const killed = await startBuilt(`duckdb:${from}`, { events: [events] });
  await killed.kill();
  expect(statSync(`${from}.copy`).isSocket()).toBe(true);
  expect((await copy(from, to)).exitCode).toBe(0);
  const next = await startBuilt(`duckdb:${from}`, { events: [events] });
  expect((await copy(from, to)).exitCode).toBe(0);
  await next.stop();
});

test("publish writes what the query API says, and tells what it needs", async () => {
  const folder = newFolder();
  const file = join(folder, "telemetry.duckdb");
  const events = join(folder, "demo.schema.json");
  writeFileSync(events, JSON.stringify(demoSchema()));
  const to = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
  await fill(file, historyOf({ seed: 5, count: 6000, to, days: 60, installations: 500 }));
  const { token, hash } = createToken();
  const collector = await startBuilt(`duckdb:${file}`, {
    events: [events],
    flags: ["--token", hash],
  });
  const out = join(folder, "site");
  const args = ["publish", "--out", out, "--from", collector.url];
  const env = { COLLECTOR_TOKEN: token };

  const done = await run(args, env);
  expect(done.stderr).toBe("");
  expect(done.exitCode).toBe(0);
  expect(done.stdout).toBe(join(out, "index.html"));
  expect(readFileSync(join(out, "index.html"), "utf8")).toMatch(/^<!doctype html>/i);
  const numbers = JSON.parse(readFileSync(join(out, "telemetry.json"), "utf8"));
  const headers = { authorization: `Bearer ${token}` };
  const query = `product=acme&from=${numbers.from}&to=${numbers.to}&measure=builds,p50`;
  const answer = await fetch(`${collector.url}/api/v1/query?${query}`, { headers });
  const [[builds, p50]] = ((await answer.json()) as { rows: [[number, number]] }).rows;
  expect(builds).toBeGreaterThan(1000);
  expect(numbers.total).toMatchObject({ builds, p50 });

  const locked = await run(args);
  expect(locked.stderr).toMatch(/wants a token: pass it in COLLECTOR_TOKEN/);
  expect(locked.exitCode).toBe(2);
  const other = await run([...args, "--product", "acne"], env);
  expect(other.stderr).toMatch(/--product acne is not known there: name one of acme\./);
  expect(other.exitCode).toBe(2);
  await collector.stop();
  const gone = await run(args, env);
  expect(gone.stderr).toMatch(/^No collector answers at /);
  expect(gone.exitCode).toBe(2);
});
