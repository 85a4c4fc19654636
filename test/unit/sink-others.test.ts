import { createSocket } from "node:dgram";
import { mkdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openSink, type Sink } from "../../src/sink/index.ts";
import { batchOf as posthogBatchOf } from "../../src/sink/posthog.ts";
import { datagramOf } from "../../src/sink/udp.ts";
import type { SinkOptions } from "../../src/support/sinks.ts";
import { ownFolder } from "./own-folder.ts";

const folder = ownFolder();
const soon = 5000;
const open = (options: unknown) => openSink(options as SinkOptions) as Sink;

const event = {
  id: "9b2f0a4e-0000-4000-8000-000000000001",
  eventName: "build:completed",
  timestamp: "2026-03-01T10:00:00.000Z",
  fields: { duration: 812, success: true, tags: ["a", "b"] },
};
const payload = {
  schemaVersion: 1,
  batchId: "b1",
  context: { anonymousId: "ab".repeat(32), projectHash: null, sessionId: "5".repeat(64) },
  meta: { platform: "linux", isCI: false },
  events: [event],
};
const request = { id: "b1", body: JSON.stringify(payload) };

describe("options that come from a file make no sink", () => {
  test.each<[what: string, options: unknown]>([
    ["of a kind that nobody knows", { type: "pigeon" }],
    ["of no kind", {}],
    ["without a URL", { type: "http" }],
    ["with half a URL", { type: "http", url: "telemetry.acme.dev" }],
    ["in the clear to another machine", { type: "http", url: "http://telemetry.acme.dev/" }],
    ["with a relative path", { type: "file", path: "events.jsonl" }],
    ["without a port", { type: "udp", host: "127.0.0.1" }],
    ["with a key that is none", { type: "posthog", host: "https://acme.dev", apiKey: "a b" }],
    ["in the clear to PostHog", { type: "posthog", host: "http://acme.dev", apiKey: "phc_1" }],
    ["of a module beside whatever is built", { type: "module", path: "./sink.mjs" }],
  ])("%s", (_what, options) => {
    expect(openSink(options as SinkOptions)).toBeUndefined();
  });
});

describe("a file", () => {
  test("gets each payload as a line", async () => {
    const path = folder.at("events.jsonl");
    const sink = open({ type: "file", path });
    expect(await sink.deliver({ id: "1", body: '{"a":1}' }, soon)).toEqual({ status: 200 });
    expect(await sink.deliver({ id: "2", body: '{"a":2}' }, soon)).toEqual({ status: 200 });
    expect(readFileSync(path, "utf8")).toBe('{"a":1}\n{"a":2}\n');
  });

  test("that can't be written is a failure, by the system's code", async () => {
    mkdirSync(folder.at("events.jsonl"));
    const sink = open({ type: "file", path: folder.at("events.jsonl") });
    expect(await sink.deliver(request, soon)).toEqual({ failure: "EISDIR" });
    const missing = open({ type: "file", path: folder.at("missing", "events.jsonl") });
    expect(await missing.deliver(request, soon)).toEqual({ failure: "ENOENT" });
  });
});

describe("a datagram", () => {
  test("holds one event, as words", () => {
    expect(datagramOf(event, payload.context.anonymousId)).toBe(
      `event=build:completed id=${event.id} timestamp=${event.timestamp} ` +
        `anonymousId=${"ab".repeat(32)} duration=812 success=true tags=["a","b"]`,
    );
    expect(datagramOf(event, null)).not.toContain("anonymousId");
  });

  test("goes out for each event of a payload", async () => {
    const socket = createSocket("udp4");
    const received: string[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on("message", (message) => {
        if (received.push(message.toString()) === 2) resolve();
      });
    });
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const sink = open({ type: "udp", host: "127.0.0.1", port: socket.address().port });
    const two = { ...payload, events: [event, { ...event, id: "second" }] };
    expect(await sink.deliver({ id: "b1", body: JSON.stringify(two) }, soon)).toEqual({
      status: 200,
    });
    await all;
    expect(received.map((text) => /id=(\S+)/.exec(text)?.[1]).sort()).toEqual([event.id, "second"]);
    socket.close();
  });

  test("that can't hold an event is too large", async () => {
    const long = { ...payload, events: [{ ...event, fields: { tags: "x".repeat(66_000) } }] };
    const sink = open({ type: "udp", host: "127.0.0.1", port: 9 });
    expect(await sink.deliver({ id: "b1", body: JSON.stringify(long) }, soon)).toEqual({
      status: 413,
    });
  });

  test("that can't go out is a failure", async () => {
    // To everybody at once, which a socket has to be allowed first.
    const sink = open({ type: "udp", host: "255.255.255.255", port: 9 });
    expect(await sink.deliver(request, soon)).toEqual({ failure: "EACCES" });
    const torn = open({ type: "udp", host: "127.0.0.1", port: 9 });
    expect(await torn.deliver({ id: "b1", body: "{" }, soon)).toHaveProperty("failure");
  });
});

describe("PostHog", () => {
  const converted = (given: object = {}) =>
    JSON.parse(posthogBatchOf(JSON.stringify({ ...payload, ...given }), "phc_1"));

  test("gets anonymous events: no person, no place, each under its own id", () => {
    expect(converted()).toEqual({
      api_key: "phc_1",
      batch: [
        {
          event: "build:completed",
          uuid: event.id,
          timestamp: event.timestamp,
          properties: {
            distinct_id: payload.context.anonymousId,
            $process_person_profile: false,
            $geoip_disable: true,
            $ip: null,
            ...payload.context,
            ...payload.meta,
            ...event.fields,
          },
        },
      ],
    });
  });

  test("gets what an event has beside its fields", () => {
    const beside = { sampleRate: 0.1, firstOf: { day: true, week: false, month: false } };
    const { properties } = converted({ events: [{ ...event, ...beside }] }).batch[0];
    expect(properties).toMatchObject(beside);
    expect(datagramOf({ ...event, ...beside }, null)).toContain(
      'sampleRate=0.1 firstOf={"day":true,"week":false,"month":false}',
    );
  });

  test("gets an id of its own kind, always the same, for what has another", () => {
    const uuids = ["b1.rebuild", "b1.rebuild", "b1.lint"].map(
      (id) => converted({ events: [{ ...event, id }] }).batch[0].uuid,
    );
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
    expect(uuids[1]).toBe(uuids[0]);
    expect(uuids[2]).not.toBe(uuids[0]);
  });

  test("takes each batch without an id for somebody of its own", () => {
    const { batch } = converted({ context: { ...payload.context, anonymousId: null } });
    expect(batch[0].properties.distinct_id).toBe("b1");
  });
});

describe("a product's own module", () => {
  const moduleSink = (code: string, options?: unknown) =>
    open({ type: "module", path: folder.write("sink.mjs", code), options });

  test("is given its options and each request, and answers", async () => {
    const sink = moduleSink(
      `export default (options) => ({
        deliver: async ({ id, body }, timeoutMs) =>
          ({ status: options.status, id, length: body.length, timeoutMs }),
      });`,
      { status: 201 },
    );
    expect(await sink.deliver(request, soon)).toEqual({
      status: 201,
      id: "b1",
      length: request.body.length,
      timeoutMs: soon,
    });
  });

  test.each([
    ["that can't be loaded", "throw new Error('no module')", "no module"],
    ["without a default export", "export const sink = 1;", "module.default is not a function"],
    ["that makes no sink", "export default () => 1;", "sink.deliver is not a function"],
    [
      "that throws",
      "export default () => ({ deliver() { throw new Error('no sink') } });",
      "no sink",
    ],
    [
      "that rejects",
      "export default () => ({ deliver: () => Promise.reject(new Error('no luck')) });",
      "no luck",
    ],
    [
      "that answers nothing",
      "export default () => ({ async deliver() {} });",
      "it answered neither status nor failure",
    ],
    [
      "that never answers",
      "export default () => ({ deliver: () => new Promise(() => {}) });",
      "ETIMEDOUT",
    ],
  ])("%s is a failure", async (_what, code, failure) => {
    // The module is loaded in this time, too.
    const timeoutMs = failure === "ETIMEDOUT" ? 100 : soon;
    expect(await moduleSink(code).deliver(request, timeoutMs)).toEqual({ failure });
  });

  test("that isn't there is a failure", async () => {
    const sink = open({ type: "module", path: folder.at("missing.mjs") });
    expect(await sink.deliver(request, soon)).toEqual({
      failure: expect.stringMatching(/ERR_MODULE_NOT_FOUND|Cannot find module/),
    });
  });
});
