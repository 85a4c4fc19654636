import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { httpSink } from "../../src/sink/http.ts";
import { type Receiver, startReceiver } from "../../src/testing/index.ts";

const request = { id: "r1", body: '{"name":"Zoë"}' };
const soon = 10_000;

let receiver: Receiver | undefined;
let server: Server | undefined;
afterEach(async () => {
  await receiver?.stop();
  server?.close();
  vi.unstubAllEnvs();
});

/** An endpoint that says exactly this, byte for byte, and keeps the connection open. */
async function saying(text: string): Promise<string> {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(text));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
}

test("a payload is POSTed as JSON, with its length in bytes, and nothing of the machine", async () => {
  receiver = await startReceiver();
  const answer = await httpSink({ type: "http", url: receiver.url }).deliver(request, soon);
  expect(answer).toEqual({ status: 202 });
  const [received] = receiver.requests;
  expect(received).toMatchObject({ method: "POST", path: "/v1/events", body: request.body });
  expect(received?.headers).toEqual({
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(request.body)),
    "user-agent": "sendoff",
    host: new URL(receiver.url).host,
    connection: "keep-alive",
  });
});

test("a redirect is an answer, and not followed", async () => {
  receiver = await startReceiver({ behaviour: { status: 307, headers: { location: "/other" } } });
  const answer = await httpSink({ type: "http", url: receiver.url }).deliver(request, soon);
  expect(answer).toEqual({ status: 307 });
  expect(receiver.requests).toHaveLength(1);
});

test("one connection serves one request after the other", async () => {
  receiver = await startReceiver({ behaviour: { status: 200, body: "x".repeat(10_000) } });
  const sink = httpSink({ type: "http", url: receiver.url });
  for (let i = 0; i < 3; i++) {
    expect(await sink.deliver(request, soon)).toEqual({ status: 200 });
    // The body comes after the answer.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(receiver.connections).toBe(1);
});

describe("an endpoint that is in trouble is told by a code:", () => {
  test("nobody listens", async () => {
    receiver = await startReceiver();
    await receiver.stop();
    const answer = await httpSink({ type: "http", url: receiver.url }).deliver(request, soon);
    expect(answer).toEqual({ failure: "ECONNREFUSED" });
  });

  test("a reset", async () => {
    receiver = await startReceiver({ behaviour: "refuse" });
    const answer = await httpSink({ type: "http", url: receiver.url }).deliver(request, soon);
    expect(answer).toEqual({ failure: "ECONNRESET" });
  });

  test.each([
    ["silence", "hang"],
    ["an answer that comes too late", { status: 200 }],
  ] as const)("%s", async (_what, behaviour) => {
    receiver = await startReceiver({ behaviour, delay: 60_000 });
    const answer = await httpSink({ type: "http", url: receiver.url }).deliver(request, 200);
    expect(answer).toEqual({ failure: "ETIMEDOUT" });
  });

  test("half a header", async () => {
    const url = await saying("HTTP/1.1 200 OK\r\ncontent-le");
    expect(await httpSink({ type: "http", url }).deliver(request, 200)).toEqual({
      failure: "ETIMEDOUT",
    });
  });

  test("no HTTP", async () => {
    const url = await saying("220 smtp.acme.dev ESMTP\r\n");
    expect(await httpSink({ type: "http", url }).deliver(request, soon)).toEqual({
      failure: expect.stringMatching(/^HPE_/),
    });
  });

  test("a proxy of a kind that is not supported, whoever asks first", async () => {
    vi.stubEnv("HTTPS_PROXY", "socks5://127.0.0.1:1");
    vi.stubEnv("NO_PROXY", "");
    const sink = httpSink({ type: "http", url: "https://telemetry.acme.dev/" });
    // It is no unhandled rejection meanwhile, which would end the sender.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await sink.deliver(request, soon)).toEqual({
      failure: "the proxy is neither http nor https",
    });
  });
});

describe("a status counts as soon as it is there:", () => {
  test("a body that drips", async () => {
    const url = await saying("HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\nx");
    expect(await httpSink({ type: "http", url }).deliver(request, soon)).toEqual({ status: 200 });
  });

  test("a body that is huge", async () => {
    receiver = await startReceiver({ behaviour: { status: 200, body: "x".repeat(5_000_000) } });
    const answer = await httpSink({ type: "http", url: receiver.url }).deliver(request, soon);
    expect(answer).toEqual({ status: 200 });
  });
});

test("what an endpoint asks for is told with its status", async () => {
  receiver = await startReceiver({ behaviour: { status: 429, headers: { "retry-after": "7" } } });
  const sink = httpSink({ type: "http", url: receiver.url });
  expect(await sink.deliver(request, soon)).toEqual({ status: 429, retryAfterMs: 7000 });
  receiver.behave({ status: 429, headers: { "retry-after": "later" } });
  expect(await sink.deliver(request, soon)).toEqual({ status: 429 });
});

test("plain http goes to this machine, whatever proxy is set", async () => {
  receiver = await startReceiver();
  const proxy = await startReceiver();
  for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"]) {
    vi.stubEnv(name, proxy.url);
  }
  await httpSink({ type: "http", url: receiver.url }).deliver(request, soon);
  expect(receiver.requests).toHaveLength(1);
  expect(proxy.connections).toBe(0);
  await proxy.stop();
});
