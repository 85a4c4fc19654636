import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProducts } from "../../src/definitions/products.ts";
import { createIngest } from "../../src/ingest/ingest.ts";
import { noTally } from "../../src/metrics/tally.ts";
import { createRates } from "../../src/rates/rates.ts";
import type { EventRow } from "../../src/rows/row.ts";
import { createApp } from "../../src/server/app.ts";
import { nodeSource, serveOnNode } from "../../src/server/node.ts";
import { type Store, StoreBusyError } from "../../src/store/store.ts";
import { hexId, productOf, requestOf } from "../ingest/payloads.ts";

/**
 * Events have two ways in: Node's own requests, for speed, and the web-standard handler that every
 * other runtime has. Whoever asks must not be able to tell which one it was.
 */
const product = productOf();
const busy = hexId();

interface Way {
  port: number;
  rows: EventRow[];
  stop(): Promise<unknown>;
}
let ways: [Way, Way];

beforeAll(async () => {
  ways = [await nodesWay(), await webStandardWay()];
});
afterAll(() => Promise.all(ways.map(({ stop }) => stop())));

const json = { "content-type": "application/json" };
/** Sent again and again: this store has no repeats. */
const valid = JSON.stringify(requestOf(product));
const cases: Record<string, Asked> = {
  "an event": { body: valid },
  "on xmcp's path": { path: "/api/telemetry/events", body: valid },
  "with a query behind the path": { path: "/v1/events?from=here", body: valid },
  "with a charset": {
    headers: { "content-type": "Application/JSON; charset=utf-8" },
    body: valid,
  },
  "in chunks": { isChunked: true, body: valid },
  "what the store has no room for": {
    body: JSON.stringify(
      requestOf(product, { context: { anonymousId: busy, projectHash: null, sessionId: null } }),
    ),
  },
  "no events": { body: JSON.stringify(requestOf(product, { events: [] })) },
  "nothing of ours": { body: "{}" },
  "no JSON": { body: "{" },
  "an empty body": { body: "" },
  "a mark of the byte order": { body: `\ufeff${valid}` },
  "bytes that are no UTF-8": { body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) },
  "another type": { headers: { "content-type": "text/plain" }, body: valid },
  "no type": { headers: {}, body: valid },
  compressed: { headers: { ...json, "content-encoding": "gzip" }, body: valid },
  "too much": { body: "x".repeat(65 * 1024) },
  "too much, in chunks": { isChunked: true, body: "x".repeat(65 * 1024) },
  "just not too much": { body: `"${"x".repeat(64 * 1024 - 2)}"` },
  "another method": { method: "PUT", body: valid },
  "what a browser asks before": { method: "OPTIONS", headers: { origin: "https://a.example" } },
  "whether anybody is there": { method: "HEAD" },
  "an erasure": { method: "DELETE", body: JSON.stringify({ anonymousId: hexId() }) },
  "an erasure of nobody": { method: "DELETE", body: JSON.stringify({ anonymousId: "ada" }) },
};

test.each(Object.entries(cases))("%s: the same answer, the same rows", async (_name, asked) => {
  for (const { rows } of ways) rows.length = 0;
  const [node, standard] = [await ask(ways[0], asked), await ask(ways[1], asked)];
  expect(standard).toEqual(node);
  const kept = ways.map(({ rows }) => rows.map(({ receivedAt, ...row }) => row));
  expect(kept[1]).toEqual(kept[0]);
  expect(kept[0]).toHaveLength(node.status === 202 ? 1 : 0);
  expect(node.cors).toBeUndefined();
});

async function nodesWay(): Promise<Way> {
  const { rows, ingest, app } = parts();
  const server = await serveOnNode({
    ...{ app, ingest, host: "127.0.0.1", port: 0, isBehindProxy: false },
    maxConnections: 10,
  });
  return { rows, port: Number(new URL(server.url).port), stop: () => server.close() };
}

async function webStandardWay(): Promise<Way> {
  const { rows, app } = parts();
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => new Promise((resolve) => server.close(resolve));
  return { rows, port: (server.address() as AddressInfo).port, stop };
}

function parts() {
  const rows: EventRow[] = [];
  const ingest = createIngest({
    products: createProducts([product]),
    store: storeIn(rows),
    rates: createRates({ perId: 0, perSource: 0, total: 0 }),
    bans: undefined,
    tally: noTally,
    stopped: new Set(),
    onError: (error) => expect(error).toBeUndefined(),
    now: () => new Date(),
  });
  const app = createApp({
    ingest,
    platform: { source: nodeSource(false) },
    tokens: [],
    publicPage: () => "",
    notReady: () => undefined,
    onViolation() {},
    onError: (error) => expect(error).toBeUndefined(),
  });
  return { rows, ingest, app };
}

/** In memory: this is about what comes before a store. */
function storeIn(rows: EventRow[]): Store {
  return {
    name: "memory",
    ready: Promise.resolve(),
    async write(added) {
      if (added.some(({ projectHash }) => projectHash === null)) {
        throw new StoreBusyError("It is full.", 7);
      }
      rows.push(...added);
      return { taken: added.length, repeated: 0, forgotten: 0 };
    },
    erase: async () => ({ goneBy: new Date(0) }),
    maintain: async () => {},
    close: async () => {},
  };
}

interface Asked {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  isChunked?: true;
}

async function ask({ port }: Way, asked: Asked) {
  const { method = "POST", path = "/v1/events", headers = json, body, isChunked } = asked;
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const length = bytes && !isChunked && { "content-length": String(bytes.length) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(
      {
        ...{ method, path, port, host: "127.0.0.1", agent: false },
        headers: { ...headers, ...length },
      },
      resolve,
    );
    // Whoever sends too much may find the connection closed; the answer came before.
    sent.on("error", (error) => sent.destroyed || reject(error));
    if (isChunked) sent.flushHeaders();
    sent.end(bytes);
  });
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  const told = response.headers;
  return {
    status: response.statusCode,
    allow: told.allow,
    type: told["content-type"],
    retryAfter: told["retry-after"],
    cors: told["access-control-allow-origin"],
    text,
  };
}
