import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import type { EventRow } from "../../src/rows/row.ts";
import { openPosthog } from "../../src/store/posthog/store.ts";
import { exampleHash, exampleId, exampleRow, exampleRows } from "../example-rows.ts";

interface Received {
  event: string;
  uuid: string;
  timestamp: string;
  properties: Record<string, unknown>;
}

let folder: string;
let server: Server;
let host: string;
let received: Received[];
let answer: (response: ServerResponse, batch: Received[]) => void;

const take = (response: ServerResponse, batch: Received[]) => {
  received.push(...batch);
  response.end('{"status":1}');
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendoff-posthog-"));
  received = [];
  answer = take;
  server = createServer(async (request, response) => {
    let body = "";
    for await (const text of request) {
      body += text;
    }
    const { api_key, batch } = JSON.parse(body);
    expect([request.url, api_key]).toEqual(["/batch/", "phc_key"]);
    answer(response, batch);
  });
  await listen(0);
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

function listen(port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}

const errors: string[] = [];
const open = () =>
  openPosthog({
    host,
    apiKey: "phc_key",
    folder,
    longestBackoff: 300,
    timeout: 500,
    onError: (error) => errors.push(error.message),
  });

const uuids = () => received.map(({ uuid }) => uuid).sort();
const idsOf = (rows: readonly EventRow[]) => rows.map(({ id }) => id).sort();
const until = { timeout: 20_000 };

/** Texts of the queue's files. */
async function queued(): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ndjson"));
  return (await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join("");
}

test("events arrive anonymous: no profile, no place, no address, no raw id", async () => {
  const store = await open();
  expect(store.reader).toBeUndefined();
  const alone = exampleRow(2, { anonymousId: null, place: "ci" });
  expect(await store.write([exampleRow(1), alone])).toEqual({
    taken: 2,
    repeated: 0,
    forgotten: 0,
  });
  await expect.poll(uuids, until).toEqual(idsOf([exampleRow(1), alone]));
  const [first, second] = exampleRows(1, 2).map(({ id }) =>
    received.find(({ uuid }) => uuid === id),
  );
  expect(first).toMatchObject({
    event: "build:completed",
    properties: {
      distinct_id: exampleHash("installation 1"),
      $process_person_profile: false,
      $geoip_disable: true,
      $ip: null,
      bundler: "vite",
      toolsCount: 1,
    },
  });
  expect(second?.properties.distinct_id).toBe(exampleId(2));
  await expect.poll(queued, until).toBe("");
  await store.close();
});

test("trouble at the other end loses nothing: 500, 429, a hang, a reset, a server that is away", async () => {
  const store = await open();
  const trouble: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(500).end(),
    (response) => response.writeHead(429, { "retry-after": "1" }).end(),
    () => {},
    (response) => response.destroy(),
    (response) => response.writeHead(401).end(),
  ];
  let asked = 0;
  answer = (response, batch) => {
    asked += 1;
    const next = trouble.shift();
    next ? next(response) : take(response, batch);
  };
  await store.write(exampleRows(1, 700));
  await expect.poll(() => asked, until).toBeGreaterThanOrEqual(5);
  await expect.poll(uuids, until).toEqual(idsOf(exampleRows(1, 700)));

  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  await store.write(exampleRows(701, 10));
  errors.length = 0;
  await expect.poll(() => errors.length, until).toBeGreaterThan(0);
  await listen(port);
  await expect.poll(uuids, until).toEqual(idsOf(exampleRows(1, 710)));
  await store.close();
});

test("a request that hangs is given up, however often memory is collected meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collecting = setInterval(runInNewContext("gc"), 50);
  onTestFinished(() => clearInterval(collecting));
  const store = await open();
  let asked = 0;
  answer = (response, batch) => {
    asked += 1;
    if (asked > 1) take(response, batch);
  };
  await store.write(exampleRows(1, 3));
  await expect.poll(uuids, until).toEqual(idsOf(exampleRows(1, 3)));
  await store.close();
});

test("what waits is sent by the collector that starts next", async () => {
  answer = (response) => response.writeHead(503).end();
  const store = await open();
  await store.write(exampleRows(1, 20));
  await store.close();
  await expect(store.write(exampleRows(21, 1))).rejects.toMatchObject({ name: "StoreBusyError" });
  answer = take;
  const next = await open();
  await expect.poll(uuids, until).toEqual(idsOf(exampleRows(1, 20)));
  await next.close();
});

test("an event that PostHog never takes is dropped alone, and told", async () => {
  const store = await open();
  answer = (response, batch) => {
    if (batch.some(({ uuid }) => uuid === exampleId(13))) {
      response.writeHead(400).end();
    } else {
      take(response, batch);
    }
  };
  await store.write(exampleRows(1, 50));
  await expect.poll(uuids, until).toHaveLength(49);
  expect(uuids()).not.toContain(exampleId(13));
  expect(errors.join()).toContain(exampleId(13));
  await store.close();
});

test("erased: what waits is deleted, a late retry isn't taken, and what has left can't be recalled", async () => {
  answer = (response) => response.writeHead(503).end();
  const store = await open();
  const rows = exampleRows(1, 100);
  const erased = exampleHash("installation 1");
  await store.write(rows);
  expect(await queued()).toContain(erased);
  expect(await store.erase(erased, new Date())).toEqual({ goneBy: null });
  expect(await queued()).not.toContain(erased);
  const late = exampleRow(101, { anonymousId: erased });
  expect(await store.write([late])).toEqual({ taken: 0, repeated: 0, forgotten: 1 });
  await store.close();
  const next = await open();
  expect(await next.write([late])).toEqual({ taken: 0, repeated: 0, forgotten: 1 });
  answer = take;
  await expect
    .poll(uuids, until)
    .toEqual(idsOf(rows.filter(({ anonymousId }) => anonymousId !== erased)));
  await next.close();
});

test("what goes wrong is told with its cause, and where the key may be", async () => {
  errors.length = 0;
  const store = await open();
  answer = (response) => response.writeHead(401).end();
  await store.write(exampleRows(1, 1));
  await expect
    .poll(() => errors, until)
    .toContainEqual("PostHog answered 401: is the key in --store the project's?");
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect
    .poll(() => errors.join("\n"), until)
    .toMatch(/PostHog at http:.*: fetch failed: .*ECONNREFUSED/);
  await store.close();
});
