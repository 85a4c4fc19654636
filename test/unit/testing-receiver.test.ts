import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type Receiver, type ReceiverOptions, startReceiver } from "../../src/testing/index.ts";

let receiver: Receiver;
afterEach(() => receiver.stop());

async function start(options?: ReceiverOptions) {
  receiver = await startReceiver(options);
  return receiver;
}

const payload = (...ids: string[]) => ({
  batchId: "b",
  events: ids.map((id) => ({ id, eventName: "build:completed", timestamp: "t", fields: { id } })),
});

/** What a client sees: a status and a body, or an error's code. */
function post(
  body: unknown,
  agent?: Agent,
): Promise<{ status?: number; text?: string; code?: string }> {
  return new Promise((resolve) => {
    const request = httpRequest(
      receiver.url,
      { method: "POST", ...(agent && { agent }) },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    request.on("error", (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? "" }));
    request.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}

test("a request is kept as it came in", async () => {
  await start();
  expect(receiver.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\/events$/);
  const before = new Date();
  expect(await post(payload("1", "2"))).toEqual({ status: 202, text: "" });
  expect(receiver.requests).toEqual([
    {
      method: "POST",
      path: "/v1/events",
      headers: expect.objectContaining({ host: new URL(receiver.url).host }),
      body: JSON.stringify(payload("1", "2")),
      payload: { context: {}, meta: {}, ...payload("1", "2") },
      receivedAt: expect.any(Date),
    },
  ]);
  expect(receiver.requests[0]?.receivedAt.getTime()).toBeGreaterThanOrEqual(before.getTime());
  expect(receiver.connections).toBe(1);
  expect(receiver.events.map(({ id }) => id)).toEqual(["1", "2"]);
});

test("a body that is no JSON is there as text", async () => {
  await start();
  await post("torn {");
  expect(receiver.requests[0]).toMatchObject({ body: "torn {", payload: { events: [] } });
  expect(receiver.events).toEqual([]);
});

test("an event that was sent again is there twice, and once among the unique", async () => {
  await start();
  await post(payload("1"));
  await post(payload("1", "2"));
  expect(receiver.events.map(({ id }) => id)).toEqual(["1", "1", "2"]);
  expect(receiver.uniqueEvents.map(({ id }) => id)).toEqual(["1", "2"]);
});

describe("behaviour", () => {
  test("an answer is given as told", async () => {
    await start({ behaviour: { status: 503, headers: { "retry-after": "1" }, body: "later" } });
    expect(await post(payload("1"))).toEqual({ status: 503, text: "later" });
  });

  test("a function decides by request and index", async () => {
    await start({ behaviour: (_, index) => (index === 0 ? { status: 500 } : "accept") });
    expect((await post(payload("1"))).status).toBe(500);
    expect((await post(payload("1"))).status).toBe(202);
  });

  test("a function may take its time, and may fail", async () => {
    await start({ behaviour: async () => Promise.reject(new Error("a mistake in the test")) });
    expect(await post(payload("1"))).toEqual({ status: 500, text: "Error: a mistake in the test" });
  });

  test("hang takes the request and doesn't answer, until stopped", async () => {
    await start({ behaviour: "hang" });
    const answer = post(payload("1"));
    await receiver.waitForRequests(1);
    receiver.behave("accept");
    expect((await post(payload("2"))).status).toBe(202);
    await receiver.stop();
    expect((await answer).code).toBe("ECONNRESET");
  });

  test("refuse resets connections, new ones and those kept alive", async () => {
    await start();
    const agent = new Agent({ keepAlive: true });
    expect((await post(payload("1"), agent)).status).toBe(202);
    receiver.behave("refuse");
    expect((await post(payload("2"), agent)).code).toBe("ECONNRESET");
    expect((await post(payload("3"))).code).toBe("ECONNRESET");
    receiver.behave("accept");
    expect((await post(payload("4"))).status).toBe(202);
    expect(receiver.events.map(({ id }) => id)).toEqual(["1", "4"]);
    agent.destroy();
  });

  test("a function may refuse one request", async () => {
    await start({ behaviour: (_, index) => (index === 0 ? "refuse" : "accept") });
    expect((await post(payload("1"))).code).toBe("ECONNRESET");
    expect((await post(payload("1"))).status).toBe(202);
  });

  test("a delay lies before the answer", async () => {
    await start({ delay: 80 });
    const startedAt = performance.now();
    await post(payload("1"));
    expect(performance.now() - startedAt).toBeGreaterThan(70);
    receiver.behave("accept");
    expect((await post(payload("2"))).status).toBe(202);
  });
});

describe("waits", () => {
  test("end with what came", async () => {
    await start();
    const both = receiver.waitForEvents(2);
    const requests = receiver.waitForRequests(2);
    const connection = receiver.waitForConnection();
    await post(payload("1"));
    await connection;
    await post(payload("1"));
    expect(await requests).toHaveLength(2);
    await post(payload("2"));
    expect((await both).map(({ id }) => id)).toEqual(["1", "2"]);
    expect(await receiver.waitForEvents(2, { timeout: 0 })).toHaveLength(2);
  });

  test("a connection without a request is one", async () => {
    await start();
    const { port } = new URL(receiver.url);
    const socket = connect(Number(port), "127.0.0.1");
    await receiver.waitForConnection();
    expect(receiver.connections).toBe(1);
    expect(receiver.requests).toEqual([]);
    socket.destroy();
    await once(socket, "close");
  });

  test("that are in vain say what came instead", async () => {
    await start();
    await expect(receiver.waitForConnection({ timeout: 10 })).rejects.toThrow(
      /^waited \d+ ms for a connection; what came: 0 connections, 0 requests, 0 events$/,
    );
    await post(payload("1"));
    await post(payload("1"));
    await expect(receiver.waitForEvents(2, { timeout: 10 })).rejects.toThrow(
      /for 2 events; what came: \d connections?, 2 requests, 1 event \(build:completed\), 1 sent again$/,
    );
  });

  test("end when the receiver is stopped", async () => {
    await start();
    const never = receiver.waitForEvents(1);
    void receiver.stop();
    await expect(never).rejects.toThrow("for 1 event, until the receiver was stopped;");
    await expect(receiver.waitForRequests(1)).rejects.toThrow("until the receiver was stopped");
  });
});

test("stopped, the port is closed; stopping twice is fine", async () => {
  await start({ delay: 60_000 });
  const answer = post(payload("1"));
  await receiver.waitForRequests(1);
  await Promise.all([receiver.stop(), receiver[Symbol.asyncDispose]()]);
  expect((await answer).code).toBe("ECONNRESET");
  expect((await post(payload("2"))).code).toBe("ECONNREFUSED");
});
