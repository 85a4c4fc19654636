import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { createToken } from "../../src/auth/tokens.ts";
import { eventOf, hexId, requestOf } from "../ingest/payloads.ts";
import { countOf, raw, startCollector } from "./collector.ts";

const head = (lines: string[]) =>
  ["POST /v1/events HTTP/1.1", "Host: localhost", ...lines, "", ""].join("\r\n");
const json = "Content-Type: application/json";

test("202 once an event is stored, and a repeat is not counted again", async () => {
  const collector = await startCollector();
  const request = requestOf(collector.product);
  for (let times = 0; times < 3; times += 1) {
    expect((await collector.post(request)).status).toBe(202);
  }
  expect((await collector.post(requestOf(collector.product))).status).toBe(202);
  expect(await countOf(collector, (count) => count >= 2)).toBe(2);
});

test("both paths take events", async () => {
  const { url, product } = await startCollector();
  const answer = await fetch(`${url}/api/telemetry/events`, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(requestOf(product)),
  });
  expect(answer.status).toBe(202);
});

test("what can't be taken is answered so that a client knows what to do", async () => {
  const { post, product, url } = await startCollector();
  expect((await post("{")).status).toBe(400);
  expect((await post({ hello: "world" })).status).toBe(422);
  expect((await post(requestOf(product), { "content-type": "text/plain" })).status).toBe(415);
  expect((await post(requestOf(product), { "content-encoding": "gzip" })).status).toBe(415);
  expect((await post(`"${"x".repeat(64 * 1024)}"`)).status).toBe(413);
  const get = await fetch(`${url}/v1/events`);
  expect([get.status, get.headers.get("allow")]).toEqual([405, "POST, DELETE"]);
});

test.each([
  ["no length at all", head([json]), "411"],
  ["a length over the limit, before a byte of it", head([json, "Content-Length: 65537"]), "413"],
  [
    "chunks that never end",
    `${head([json, "Transfer-Encoding: chunked"])}${`2000\r\n${"x".repeat(0x2000)}\r\n`.repeat(9)}`,
    "413",
  ],
  ["two lengths", head([json, "Content-Length: 5", "Content-Length: 7"]), "400"],
  ["no HTTP", "hello\r\n\r\n", "400"],
])("no client of ours: %s", async (_what, text, status) => {
  const { url } = await startCollector();
  const answer = await raw(url, text);
  expect(answer.split("\r\n", 1)[0]).toContain(` ${status} `);
});

test("a refusal is no reset to who is still sending", async () => {
  const { port, hostname } = new URL((await startCollector()).url);
  const socket = connect(Number(port), hostname);
  const errors: Error[] = [];
  socket.on("error", (error) => errors.push(error));
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk;
  });
  const part = "x".repeat(50_000);
  socket.write(head([json, `Content-Length: ${4 * part.length}`]));
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.write(part);
  }
  await once(socket, "close");
  expect(answer).toContain(" 413 ");
  expect(errors).toEqual([]);
});

test("a client that stops in the middle is cut off, and others are not held up", async () => {
  const collector = await startCollector();
  const slow = [
    raw(collector.url, `${head([json, "Content-Length: 500"])}{`),
    raw(collector.url, "POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Slow"),
  ];
  expect((await collector.post(requestOf(collector.product))).status).toBe(202);
  for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
}, 30_000);

test("429 with the seconds to wait: per installation, per source, and in all", async () => {
  const perId = await startCollector({ ratePerId: 2 });
  const context = { anonymousId: hexId(), projectHash: null, sessionId: null };
  const statuses: number[] = [];
  for (let times = 0; times < 3; times += 1) {
    const answer = await perId.post(requestOf(perId.product, { context }));
    statuses.push(answer.status);
    if (answer.status === 429) {
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
  }
  expect(statuses).toEqual([202, 202, 429]);
  expect((await perId.post(requestOf(perId.product))).status).toBe(202);

  const ci = { anonymousId: "ci.github_actions", projectHash: null, sessionId: null };
  for (let times = 0; times < 4; times += 1) {
    expect((await perId.post(requestOf(perId.product, { context: ci }))).status).toBe(202);
  }

  for (const flags of [{ ratePerSource: 1 }, { rateTotal: 1 }]) {
    const { post, product } = await startCollector(flags);
    expect((await post(requestOf(product))).status).toBe(202);
    expect((await post(requestOf(product))).status).toBe(429);
  }
});

test("410 for a version that is switched off, and for no other", async () => {
  const { post, product } = await startCollector({ stop: ["acme@1.2.3"] });
  const of = (productVersion: string) =>
    requestOf(product, { events: [eventOf({ fields: { success: true, productVersion } })] });
  expect((await post(of("1.2.3"))).status).toBe(410);
  expect((await post(of("1.2.4"))).status).toBe(202);
});

test("503 while the store takes nothing", async () => {
  const collector = await startCollector();
  await collector.store.close();
  const answer = await collector.post(requestOf(collector.product));
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("an erasure takes the id of whoever asks, deletes, and keeps late repeats out", async () => {
  const collector = await startCollector();
  const { post, product, url } = collector;
  const context = { anonymousId: hexId(), projectHash: null, sessionId: null };
  const request = requestOf(product, { context });
  await post(request);
  await post(requestOf(product));
  const erase = (body: object) =>
    fetch(`${url}/v1/events`, {
      method: "DELETE",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  expect((await erase({ anonymousId: "ada" })).status).toBe(422);
  const answer = await erase({ anonymousId: context.anonymousId });
  expect(answer.status).toBe(200);
  const { goneBy } = (await answer.json()) as { goneBy: string };
  expect(Date.parse(goneBy) - Date.now()).toBeLessThanOrEqual(24 * 60 * 60 * 1000);
  expect(await countOf(collector, (count) => count === 1)).toBe(1);
  expect((await post(requestOf(product, { context }))).status).toBe(202);
  expect((await post(request)).status).toBe(202);
  await post(requestOf(product));
  expect(await countOf(collector, (count) => count >= 2)).toBe(2);
});

test("numbers are for whoever has a token; without any, for this machine under its own name", async () => {
  const shown = ["/api/v1/products", "/metrics"];
  const open = await startCollector();
  for (const path of shown) {
    expect((await fetch(open.url + path)).status).toBe(200);
    const { host } = new URL(open.url);
    const request = `GET ${path} HTTP/1.1\r\nHost: evil.example:${host.split(":")[1]}\r\nConnection: close\r\n\r\n`;
    const answer = await raw(open.url, request);
    // No token could be right.
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain("start it with --token <hash>");
  }
  const { token, hash } = createToken();
  const locked = await startCollector({ token: [hash] });
  for (const path of shown) {
    const ask = (authorization?: string) =>
      fetch(locked.url + path, authorization ? { headers: { authorization } } : {});
    expect((await ask()).status).toBe(401);
    expect((await ask(`Bearer ${token}x`)).status).toBe(401);
    expect((await ask(`Bearer ${hash}`)).status).toBe(401);
    expect((await ask(`Bearer ${token}`)).status).toBe(200);
  }
  expect((await locked.post(requestOf(locked.product))).status).toBe(202);
});

test("a proxy that the collector wasn't told of lets nobody in", async () => {
  const open = await startCollector();
  const { token, hash } = createToken();
  const locked = await startCollector({ token: [hash] });
  for (const [name, value] of [
    ["forwarded", "for=192.0.2.1"],
    ["via", "1.1 proxy.example"],
    ["x-forwarded-for", "127.0.0.1"],
    ["x-forwarded-proto", "https"],
    ["x-real-ip", "192.0.2.1"],
  ] as const) {
    for (const path of ["/api/v1/products", "/metrics"]) {
      const answer = await fetch(open.url + path, { headers: { [name]: value } });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toEqual({ error: expect.stringContaining("--token") });
      const headers = { [name]: value, authorization: `Bearer ${token}` };
      expect((await fetch(locked.url + path, { headers })).status).toBe(200);
    }
    expect((await fetch(`${open.url}/healthz`, { headers: { [name]: value } })).status).toBe(200);
  }
  const told = await startCollector({ behindProxy: true });
  expect((await fetch(`${told.url}/api/v1/products`)).status).toBe(403);
});

test("anybody is told what is collected, and how to turn it off", async () => {
  const { url } = await startCollector();
  const page = await (await fetch(url)).text();
  for (const words of [
    "acme",
    "duration: ",
    "cpuModel: ",
    "ACME_TELEMETRY_DISABLED=1",
    "90 days",
  ]) {
    expect(page).toContain(words);
  }
});

test("ready when the store is, and healthy all along", async () => {
  const { url } = await startCollector();
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
});

test("what is refused before its body is read is counted, too", async () => {
  const { url, post } = await startCollector();
  expect((await fetch(`${url}/v1/events`)).status).toBe(405);
  expect((await post("x", { "content-type": "text/plain" })).status).toBe(415);
  expect((await post("x".repeat(65 * 1024))).status).toBe(413);
  await fetch(`${url}/v1/events`, { method: "DELETE", body: "x" });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const requests = metrics.split("\n").filter((line) => line.startsWith("sendoff_requests_total"));
  expect(requests).toEqual([
    'sendoff_requests_total{what="ingest",status="405"} 1',
    'sendoff_requests_total{what="ingest",status="415"} 1',
    'sendoff_requests_total{what="ingest",status="413"} 1',
    'sendoff_requests_total{what="erase",status="415"} 1',
  ]);
});
