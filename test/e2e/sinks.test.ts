import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { startReceiver } from "sendoff/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { fixture, flushCommand, senderGone, setUp } from "./harness.ts";

/** A product that delivers elsewhere than to its endpoint. */
async function setUpSinks(sinks: (folder: string, receiver: string) => object[]) {
  const { env, home, product, receiver } = await setUp();
  const options = {
    ACME_TELEMETRY_ENDPOINT: "", // Would take the sinks' place.
    PRODUCT_OPTIONS: JSON.stringify({ sinks: sinks(home.path, receiver.url) }),
  };
  return {
    env,
    home,
    receiver,
    build: (extra: Record<string, string> = {}) => product("completed", { ...options, ...extra }),
    /** Two builds, the first of which shows the notice, and their sender. */
    async twoBuilds() {
      await product("completed", options);
      await product("completed", options);
      await senderGone(home.path);
    },
    lines: (file: string) => linesOf(path.join(home.path, file)),
    /** What the sender kept of what it has sent, as `show` does. */
    sent: () => linesOf(path.join(home.stateFolder("acme"), "sent.jsonl")),
    waiting: () => home.spool("acme").length,
  };
}

function linesOf(file: string): Record<string, string>[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** What a test reads of an event, wherever it is found. */
const eventsOf = (payload: { events: { id: string; fields: object }[] }) => payload.events;

describe("the file sink", () => {
  it("appends each payload, as sent, as a line", async () => {
    const { lines, sent, twoBuilds, waiting } = await setUpSinks((folder) => [
      { type: "file", path: path.join(folder, "payloads.jsonl") },
    ]);
    await twoBuilds();
    expect(waiting()).toBe(0);
    const payloads = lines("payloads.jsonl");
    expect(payloads).toHaveLength(2);
    expect(payloads.map((payload) => JSON.stringify(payload))).toEqual(
      sent().map(({ body }) => body),
    );
  });

  it("lets the batch wait where the file can't be written", async () => {
    const { env, home, lines, twoBuilds, waiting } = await setUpSinks((folder) => [
      { type: "file", path: path.join(folder, "payloads.jsonl") },
    ]);
    mkdirSync(path.join(home.path, "payloads.jsonl"));
    await twoBuilds();
    expect(waiting()).toBe(2);
    rmSync(path.join(home.path, "payloads.jsonl"), { recursive: true });
    expect((await flushCommand(env)).exitCode).toBe(0);
    expect(lines("payloads.jsonl")).toHaveLength(2);
  });
});

describe("the udp sink", () => {
  it("sends one datagram an event, key=value, the id with it", async () => {
    const socket = createSocket("udp4");
    const datagrams: string[] = [];
    socket.on("message", (message) => datagrams.push(message.toString()));
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    onTestFinished(() => void socket.close());
    const { port } = socket.address() as AddressInfo;
    const { sent, twoBuilds, waiting } = await setUpSinks(() => [
      { type: "udp", host: "127.0.0.1", port },
    ]);
    await twoBuilds();
    expect(waiting()).toBe(0);
    const ids = sent().flatMap(({ body }) => eventsOf(JSON.parse(body as string)));
    expect(datagrams.map((text) => /(?<= )id=(\S+)/.exec(text)?.[1]).sort()).toEqual(
      ids.map(({ id }) => id).sort(),
    );
    for (const text of datagrams) {
      expect(text).toMatch(/^event=build:completed id=\S+ timestamp=\S+ anonymousId=[0-9a-f]{64} /);
      expect(text).toMatch(/ duration=1235( |$)/);
      expect(text.split(" ").every((word) => /^[^=\s]+=\S*$/.test(word))).toBe(true);
    }
  });

  it("lets the batch wait where the host has no address", async () => {
    const { twoBuilds, waiting } = await setUpSinks(() => [
      { type: "udp", host: "telemetry.acme.invalid", port: 8125 },
    ]);
    await twoBuilds();
    expect(waiting()).toBe(2);
  });
});

describe("the PostHog sink", () => {
  const posthog = (receiver: string) => ({
    type: "posthog",
    host: new URL(receiver).origin,
    apiKey: "phc_acme",
  });

  it("sends anonymous events: no person profile, no place, the event's id as uuid", async () => {
    const { receiver, sent, twoBuilds } = await setUpSinks((_, url) => [posthog(url)]);
    await twoBuilds();
    const payloads = sent().map(({ body }) => JSON.parse(body as string));
    expect(receiver.requests.map(({ body }) => JSON.parse(body))).toEqual(
      payloads.map(({ context, events, meta }) => ({
        api_key: "phc_acme",
        batch: [
          {
            event: "build:completed",
            uuid: events[0].id,
            timestamp: events[0].timestamp,
            properties: {
              distinct_id: context.anonymousId,
              $process_person_profile: false,
              $geoip_disable: true,
              $ip: null,
              ...context,
              ...meta,
              ...events[0].fields,
            },
          },
        ],
      })),
    );
    for (const { headers, method, path: asked } of receiver.requests) {
      expect([method, asked]).toEqual(["POST", "/batch/"]);
      expect(headers["content-type"]).toBe("application/json");
    }
  });

  it("repeats the same bytes", async () => {
    const { env, receiver, twoBuilds } = await setUpSinks((_, url) => [posthog(url)]);
    receiver.behave({ status: 503 });
    await twoBuilds();
    receiver.behave("accept");
    expect((await flushCommand(env)).exitCode).toBe(0);
    expect(receiver.requests).toHaveLength(2 + 2);
    expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(2);
  });
});

describe("a product's own sink", () => {
  const own = (folder: string, options: object) => ({
    type: "module",
    path: fixture("module-sink.mjs"),
    options: { file: path.join(folder, "own.jsonl"), ...options },
  });

  it("gets the payload and its id, in the sender", async () => {
    const { lines, sent, twoBuilds, waiting } = await setUpSinks((folder) => [
      own(folder, { answer: { status: 200 } }),
    ]);
    await twoBuilds();
    expect(waiting()).toBe(0);
    expect(lines("own.jsonl").map(({ body }) => body)).toEqual(sent().map(({ body }) => body));
    for (const { id, body } of lines("own.jsonl")) {
      expect(id).toBe(JSON.parse(body as string).batchId);
    }
  });

  it.each([
    ["answers a failure", { answer: { failure: "EOWN" } }, "answered EOWN"],
    ["answers nothing", {}, "answered it answered neither status nor failure"],
    ["can't be loaded", { path: "/nowhere/sink.mjs" }, "answered ERR_MODULE_NOT_FOUND"],
    ["can't be written to", { file: "/nowhere/own.jsonl" }, "answered ENOENT"],
  ])(
    "that %s lets the batch wait, and debug says why",
    async (_, { path: at, ...options }: Own, line) => {
      const { build, waiting } = await setUpSinks((folder) => [
        { ...own(folder, options), ...(at !== undefined && { path: at }) },
      ]);
      await build();
      const run = await build({ ACME_DEBUG_TELEMETRY: "1" });
      expect(run.stderr).toContain(line);
      expect(run.exitCode).toBe(0);
      expect(waiting()).toBe(2);
    },
  );

  it("that hangs keeps neither the sender nor the sinks beside it", async () => {
    const { lines, twoBuilds, waiting } = await setUpSinks((folder) => [
      own(folder, { hangs: "while it is made" }),
      own(folder, { hangs: "while it delivers" }),
      { type: "file", path: path.join(folder, "payloads.jsonl") },
    ]);
    await twoBuilds();
    expect(lines("payloads.jsonl")).not.toEqual([]);
    expect(lines("own.jsonl")).toEqual([]);
    expect(waiting()).toBe(2);
  });

  interface Own {
    path?: string;
    [option: string]: unknown;
  }
});

describe("several sinks", () => {
  it("are settled each by itself: the one that works gets it once, the other later", async () => {
    const { env, lines, receiver, twoBuilds, waiting } = await setUpSinks((folder, url) => [
      { type: "http", url },
      { type: "file", path: path.join(folder, "payloads.jsonl") },
    ]);
    receiver.behave({ status: 503 });
    await twoBuilds();
    expect(lines("payloads.jsonl")).toHaveLength(2);
    expect(waiting()).toBe(2);

    receiver.behave("accept");
    expect((await flushCommand(env)).exitCode).toBe(0);
    expect(waiting()).toBe(0);
    const bodies = lines("payloads.jsonl").map((payload) => JSON.stringify(payload));
    expect(bodies).toHaveLength(2);
    expect(new Set(receiver.requests.map(({ body }) => body))).toEqual(new Set(bodies));
    expect(receiver.uniqueEvents).toHaveLength(2);
  });

  it("don't wait for one that hangs", async () => {
    const other = await startReceiver();
    onTestFinished(() => other.stop());
    const { build, receiver } = await setUpSinks((_, url) => [
      { type: "http", url },
      { type: "http", url: other.url },
    ]);
    receiver.behave("hang");
    await build();
    await build();
    await other.waitForEvents(1);
    // It would have been asked a second time before the next one's turn came.
    expect(receiver.requests.length).toBeLessThanOrEqual(1);
  });

  it("start a sender as long as one of them is not backing off", async () => {
    const { build, home, lines, receiver, twoBuilds } = await setUpSinks((folder, url) => [
      { type: "http", url },
      { type: "file", path: path.join(folder, "payloads.jsonl") },
    ]);
    receiver.behave({ status: 429, headers: { "retry-after": "3600" } });
    await twoBuilds();
    await build();
    await senderGone(home.path);
    expect(receiver.requests).toHaveLength(1);
    expect(lines("payloads.jsonl")).toHaveLength(3);
  });
});

describe("a sink that this version doesn't know", () => {
  it("keeps its batch waiting, and no other", async () => {
    const { build, home, lines, receiver } = await setUpSinks((folder) => [
      { type: "file", path: path.join(folder, "payloads.jsonl") },
    ]);
    await build();
    const [spooled] = home.spool("acme");
    const file = path.join(home.stateFolder("acme"), "spool", spooled?.file as string);
    writeFileSync(file, JSON.stringify({ ...spooled?.batch, sinks: [{ type: "pigeon" }] }));
    await build();
    await senderGone(home.path);
    expect(lines("payloads.jsonl")).toHaveLength(1);
    expect(home.spool("acme")).toHaveLength(1);
    expect(receiver.connections).toBe(0);
  });
});
