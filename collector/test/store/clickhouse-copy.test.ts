import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClient } from "@clickhouse/client";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { columns } from "../../src/rows/columns.ts";
import type { EventRow } from "../../src/rows/row.ts";
import { openClickHouse } from "../../src/store/clickhouse/node.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import type { Store } from "../../src/store/store.ts";
import { type Engine, PASSWORD, SERVER, startServer } from "../engines/servers.ts";
import { exampleRows } from "../example-rows.ts";
import { productOf, requestOf, schemaOf } from "../ingest/payloads.ts";
import { program, startBuilt, until } from "../server/built.ts";

/** `copy --to clickhouse:…` as an operator runs it, into a server over HTTP. */

const DAY_MS = 86_400_000;

describe.skipIf(!SERVER)("copy into a server", () => {
  let folder: string;
  let engine: Engine;
  let databases = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sendoff-copy-"));
    engine = await startServer(join(folder, "engine"));
  });
  afterAll(async () => {
    await engine.kill();
    await rm(folder, { recursive: true });
  });

  /** An empty database of the server's, and a file with these rows. */
  async function setUp(rows: readonly EventRow[]) {
    databases += 1;
    const database = `copied_${databases}`;
    await engine.run(`CREATE DATABASE ${database}`);
    const file = join(folder, `${database}.duckdb`);
    const store = await openDuckDb({ file, threads: 1 });
    await store.ready;
    for (let at = 0; at < rows.length; at += 1000) await store.write(rows.slice(at, at + 1000));
    await store.close();
    return { file, database, to: `clickhouse:${engine.url}/${database}` };
  }

  /** By day and product, as the server itself counts them: each event once. */
  async function countsIn(database: string): Promise<string[]> {
    const client = createClient({ url: engine.url, database });
    const result = await client.query({
      query: `SELECT toString(day) AS day, product, uniqExact(id) AS ids, count() AS n
        FROM events FINAL GROUP BY day, product`,
      format: "JSONEachRow",
    });
    const rows = await result.json<{ day: string; product: string; ids: string; n: string }>();
    await client.close();
    return rows
      .map(({ day, product, ids, n }) => {
        expect(n, `${day} ${product}`).toBe(ids);
        return `${day} ${product} ${n}`;
      })
      .sort();
  }

  test("from a stopped file: all of it, once, however often, every column", async () => {
    const rows = [
      ...exampleRows(1, 3000),
      // Older than what a store knows repeats by.
      ...exampleRows(5001, 1500, { timestamp: Date.now() - 60 * DAY_MS, product: "another" }),
    ];
    const { file, database, to } = await setUp(rows);
    for (let times = 0; times < 2; times += 1) {
      const { exitCode, stdout, stderr } = await copy(file, to);
      expect(stderr).toBe("");
      expect(stdout).toMatch(
        /\n4500 events are in clickhouse:http:.*, every day of every product\.$/,
      );
      expect(exitCode).toBe(0);
      expect(await countsIn(database)).toEqual(countsOf(rows));
    }
    const there = await openClickHouse({ url: engine.url, database });
    const here = await openDuckDb({ file, threads: 1 });
    await here.ready;
    for (const column of columns.filter(({ name }) => name !== "fields")) {
      expect(await valuesOf(there, column), column.name).toEqual(await valuesOf(here, column));
    }
    await Promise.all([there.close(), here.close()]);
  });

  test("through a running collector, while events come in; who was erased stays so", async () => {
    const { file, database, to } = await setUp(exampleRows(1, 3000));
    const events = join(folder, "acme.schema.json");
    await writeFile(events, JSON.stringify(schemaOf()));
    const collector = await startBuilt(`duckdb:${file}`, { events: [events] });
    const send = (method: string, body: unknown) =>
      fetch(`${collector.url}/v1/events`, {
        method,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const id = "cd".repeat(32);
    const context = { anonymousId: id, projectHash: null, sessionId: null };
    expect((await send("POST", requestOf(productOf(), { context }))).status).toBe(202);
    let sent = 0;
    const more = async () => {
      expect((await send("POST", requestOf(productOf()))).status).toBe(202);
      sent += 1;
    };
    await more();
    const copying = copy(file, to);
    while (sent < 100) await more();
    const first = await copying;
    expect([first.stderr, first.exitCode]).toEqual(["", 0]);
    expect((await send("DELETE", { anonymousId: id })).status).toBe(200);
    // What is answered is loaded within two seconds; then the rest is there.
    await until(async () => {
      const { exitCode, stdout } = await copy(file, to);
      expect(exitCode).toBe(0);
      return stdout.includes(`\n${3000 + sent} events are in `);
    }, 60_000);
    expect((await collector.stop()).exitCode).toBe(0);
    const store = await openClickHouse({ url: engine.url, database });
    const { dialect, rows } = store.reader as NonNullable<Store["reader"]>;
    expect(await rows(`SELECT count(*) AS n FROM ${dialect.events}`)).toEqual([{ n: 3000 + sent }]);
    await store.close();
  });

  test("a half-done copy that was killed is continued, and counts none twice", async () => {
    const rows = Array.from({ length: 30 }, (_, day) =>
      exampleRows(1 + day * 500, 500, { timestamp: Date.now() - (day + 1) * DAY_MS }),
    ).flat();
    const { file, database, to } = await setUp(rows);
    const killed = copy(file, to);
    await new Promise<void>((resolve) => {
      createInterface({ input: killed.stdout }).on("line", (line) => {
        if (/ 2500 events$/.test(line)) resolve();
      });
    });
    killed.kill("SIGKILL");
    expect((await killed).signal).toBe("SIGKILL");
    const half = await countsIn(database);
    expect(half.length).toBeGreaterThanOrEqual(5);
    expect(half.length).toBeLessThan(30);
    // It left the file as it was.
    const { exitCode, stdout, stderr } = await copy(file, to);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/\n15000 events are in clickhouse:/);
    expect(exitCode).toBe(0);
    expect(await countsIn(database)).toEqual(countsOf(rows));
  });

  test("what can't be copied to is told with what to do, and without a password", async () => {
    const { file, database } = await setUp(exampleRows(1, 100));
    const { port } = new URL(engine.url);
    const at = (user: string) => `clickhouse:http://${user}127.0.0.1:${port}/${database}`;
    const other = createServer((_, response) => response.end("hello\n")).listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    for (const [to, code, ...told] of [
      ["clickhouse:", 2, "clickhouse: is no store: say duckdb:FILE"],
      ["clickhouse:localhost:8123", 2, "clickhouse: that is no address", "say clickhouse:http://"],
      ["postgres:x", 2, "postgres:x is no store"],
      ["posthog:https://phc_key@127.0.0.1:1", 1, "can't be read"],
      ["clickhouse:http://127.0.0.1:1", 1, "clickhouse:http://127.0.0.1:1", "ECONNREFUSED"],
      [`clickhouse:${otherUrl}`, 1, `clickhouse:${otherUrl}`, "is the server there"],
      [at("locked:swordfish@"), 1, at(""), "password"],
      [`${at("")}_none`, 1, `${at("")}_none`, "its database made"],
    ] as const) {
      const { exitCode, stderr, stdout } = await copy(file, to);
      for (const words of told) expect(stderr, to).toContain(words);
      expect(stderr, to).not.toMatch(/^\s+at |swordfish/m);
      expect([exitCode, stdout], to).toEqual([code, ""]);
    }
    other.close();
    expect((await copy(file, at(`locked:${PASSWORD}@`))).exitCode).toBe(0);
    const back = await run("copy", "--from", at("locked:swordfish@"), "--to", `duckdb:${file}.2`);
    expect(back.stderr).toContain(`${at("")}: `);
    expect(back.exitCode).toBe(1);
  });
});

test("the server is there", (context) => {
  if (!SERVER) {
    context.skip("No clickhouse-server: apt-get install clickhouse-server");
  }
});

function run(...args: readonly string[]) {
  return execa(process.execPath, [program, ...args], { reject: false });
}

function copy(file: string, to: string) {
  return run("copy", "--from", `duckdb:${file}`, "--to", to);
}

function countsOf(rows: readonly EventRow[]): string[] {
  const counts = new Map<string, number>();
  for (const { day, product } of rows) {
    counts.set(`${day} ${product}`, (counts.get(`${day} ${product}`) ?? 0) + 1);
  }
  return [...counts].map(([key, n]) => `${key} ${n}`).sort();
}

async function valuesOf({ reader }: Store, column: (typeof columns)[number]): Promise<string[]> {
  const { dialect, rows } = reader as NonNullable<typeof reader>;
  const found = await rows(`SELECT ${dialect.value(column)} AS c_value FROM ${dialect.events}`);
  return found.map(({ c_value }) => String(c_value)).sort();
}
