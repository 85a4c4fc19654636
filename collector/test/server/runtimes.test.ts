import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { bun, deno, problemOf } from "../../../test/platforms/runtimes.ts";
import { setup } from "../../../test/platforms/setup.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import { startChdb } from "../engines/servers.ts";
import { hexId, productOf, requestOf, schemaOf } from "../ingest/payloads.ts";
import { startBuilt } from "./built.ts";
import { raw } from "./collector.ts";

/** The built collector as it is, on other runtimes than Node. */

let folder: string;
let events: string[];
beforeAll(async () => {
  await setup();
  folder = mkdtempSync(join(tmpdir(), "sendoff-runtimes-"));
  events = [join(folder, "acme.schema.json")];
  writeFileSync(events[0] as string, JSON.stringify(schemaOf()));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const json = { "content-type": "application/json" };
const ask = (url: string, method: string, body: string, headers: Record<string, string> = json) =>
  fetch(`${url}/v1/events`, { method, headers, body });
const sent = (anonymousId = hexId()) => {
  const request = requestOf(productOf());
  return { ...request, context: { ...request.context, anonymousId } };
};

describe.each([bun, deno])("on $title", ({ runtime, file: program, args }) => {
  it("with DuckDB: answers, refuses, and has after a kill what it answered for", async (context) => {
    const problem = problemOf(program);
    context.skip(problem !== undefined, problem);
    const database = join(folder, `${runtime}.duckdb`);
    const start = () =>
      startBuilt(`duckdb:${database}`, {
        events,
        runtime: [program, ...args],
        flags: ["--k", "2"],
      });
    let collector = await start();
    onTestFinished(() => collector.kill());
    const { url } = collector;

    expect(await (await fetch(`${url}/`)).text()).toContain("Collected by the people who make it.");
    expect((await fetch(`${url}/dashboard/`)).status).toBe(200);
    expect((await ask(url, "POST", JSON.stringify(sent()))).status).toBe(202);
    const mine = hexId();
    expect((await ask(url, "POST", JSON.stringify(sent(mine)))).status).toBe(202);
    expect((await ask(url, "POST", "{")).status).toBe(400);
    expect((await ask(url, "POST", "{}")).status).toBe(422);
    expect((await ask(url, "POST", "{}", { "content-type": "text/plain" })).status).toBe(415);
    const head = "POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    expect(await raw(url, `${head}content-length: 70000\r\n\r\n`)).toContain(" 413 ");
    const chunk = `${(65_537).toString(16)}\r\n${" ".repeat(65_537)}\r\n`;
    expect(await raw(url, `${head}transfer-encoding: chunked\r\n\r\n${chunk}`)).toContain(" 413 ");
    await collector.kill();

    collector = await start();
    const shown = await fetch(`${collector.url}/api/v1/query?product=acme&measure=builds`);
    expect(await shown.json()).toMatchObject({ rows: [[2]] });
    const file = await fetch(`${collector.url}/api/v1/export?product=acme&format=parquet`);
    expect((await file.text()).slice(0, 4)).toBe("PAR1");
    expect((await fetch(`${collector.url}/metrics`)).status).toBe(200);
    const erased = await ask(collector.url, "DELETE", JSON.stringify({ anonymousId: mine }));
    expect(await erased.json()).toMatchObject({ erased: true });
    expect(await collector.stop()).toEqual({ exitCode: 0, stderr: "" });
    const store = await openDuckDb({ file: database, threads: 1 });
    expect(await store.reader?.rows("SELECT id FROM events")).toHaveLength(1);
    await store.close();
  });

  it("with ClickHouse: what it answers for is there", async (context) => {
    const problem = problemOf(program);
    context.skip(problem !== undefined, problem);
    const engine = await startChdb(join(folder, `clickhouse-${runtime}`));
    onTestFinished(engine.kill);
    const collector = await startBuilt(`clickhouse:${engine.url}`, {
      events,
      runtime: [program, ...args],
      flags: ["--k", "2"],
    });
    onTestFinished(() => collector.kill());
    for (const body of [sent(), sent()]) {
      expect((await ask(collector.url, "POST", JSON.stringify(body))).status).toBe(202);
    }
    const shown = await fetch(`${collector.url}/api/v1/query?product=acme&measure=builds`);
    expect(await shown.json()).toMatchObject({ rows: [[2]] });
    expect(await collector.stop()).toEqual({ exitCode: 0, stderr: "" });
  });
});
