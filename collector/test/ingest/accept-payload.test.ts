import { describe, expect, test } from "vitest";
import { buildEvents, defineEvents } from "../../../src/index.ts";
import { createProducts } from "../../src/definitions/products.ts";
import { acceptPayload } from "../../src/ingest/accept-payload.ts";
import { hashOf } from "../../src/ingest/row-of.ts";
import { acmeEvents, eventOf, meta, productOf, requestOf } from "./payloads.ts";

const acme = productOf();
const products = createProducts([acme]);
const now = new Date();
const day = 24 * 60 * 60 * 1000;

function accept(changes: object = {}, of = products) {
  const acceptance = acceptPayload(of, requestOf(acme, changes), now);
  if ("refusal" in acceptance) throw new Error(acceptance.refusal);
  return acceptance;
}

describe("a request as a client makes it", () => {
  test("becomes rows, with columns for what every product has", () => {
    const context = { anonymousId: "a".repeat(64), projectHash: "b".repeat(64), sessionId: null };
    const { rows, dropped } = accept({ context });
    expect(dropped).toEqual({});
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      product: "acme",
      definitions: acme.fingerprint,
      eventName: "build:completed",
      place: "installation",
      anonymousId: hashOf("a".repeat(64)),
      projectHash: hashOf("b".repeat(64)),
      sessionId: null,
      sampleRate: 1,
      meta,
      build: { success: true, duration: 812, bundler: "webpack", mode: null },
      fields: { toolsCount: 3 },
    });
  });

  test("keeps no raw id", () => {
    const context = { anonymousId: "c".repeat(64), projectHash: "d".repeat(64), sessionId: null };
    const text = JSON.stringify(accept({ context }).rows);
    expect(text).not.toContain("cccccccc");
    expect(text).not.toContain("dddddddd");
  });

  test("of a name that the product uses for something else, into its own fields", () => {
    const event = eventOf({
      eventName: "tools:listed",
      fields: { duration: "long", tools: ["lint"] },
    });
    const [row] = accept({ events: [event] }).rows;
    expect(row?.build.duration).toBeNull();
    expect(row?.fields).toEqual({ duration: "long", tools: ["lint"] });
  });

  test.each([
    ["a".repeat(64), false, "installation"],
    ["ci.github_actions", true, "ci"],
    ["container", false, "container"],
    [null, true, "ci"],
    [null, false, "none"],
  ])("tells who by the id %s", (anonymousId, isCI, place) => {
    const context = { anonymousId, projectHash: null, sessionId: null };
    const { rows } = accept({ context, meta: { ...meta, isCI } });
    expect(rows[0]?.place).toBe(place);
    expect(rows[0]?.anonymousId === null).toBe(place !== "installation");
  });
});

describe("only what is listed", () => {
  test.each([
    [
      "an event nobody defined",
      { events: [eventOf({ eventName: "keys:pressed" })] },
      { unlisted_event: 1 },
      0,
    ],
    [
      "a field nobody defined",
      { events: [eventOf({ fields: { success: true, path: "/home/ada" } })] },
      { field: 1 },
      1,
    ],
    [
      "text where a number belongs",
      { events: [eventOf({ fields: { duration: "Error: secret" } })] },
      { field: 1 },
      1,
    ],
    [
      "a key of the prototype",
      { events: [eventOf({ eventName: "constructor" })] },
      { unlisted_event: 1 },
      0,
    ],
    ["a machine's host name", { meta: { ...meta, hostname: "adas-laptop" } }, { meta: 1 }, 1],
    ["a model that no list has", { meta: { ...meta, cpuModel: "Ada's own" } }, { meta: 1 }, 1],
    [
      "an id that is none",
      { events: [eventOf({ id: "1; DROP TABLE events" })] },
      { malformed_event: 1 },
      0,
    ],
    [
      "a minute, where the hour is told",
      { events: [eventOf({ timestamp: "2026-11-20T10:42:00.000Z" })] },
      { malformed_event: 1 },
      0,
    ],
    [
      "a day that does not exist",
      { events: [eventOf({ timestamp: "2026-13-45T10:00:00.000Z" })] },
      { malformed_event: 1 },
      0,
    ],
    [
      "31 days ago",
      { events: [eventOf({}, new Date(now.getTime() - 31 * day))] },
      { event_too_old: 1 },
      0,
    ],
    [
      "tomorrow",
      { events: [eventOf({}, new Date(now.getTime() + day))] },
      { event_in_future: 1 },
      0,
    ],
    [
      "marks of a product that has ids",
      { events: [eventOf({ firstOf: { day: true, week: true, month: true } })] },
      { field: 1 },
      1,
    ],
  ])("%s is left out, and counted", (_what, changes, dropped, rows) => {
    const acceptance = accept(changes);
    expect(acceptance.dropped).toEqual(dropped);
    expect(acceptance.rows).toHaveLength(rows);
    expect(JSON.stringify(acceptance.rows)).not.toMatch(/\/home|secret|laptop|Ada's|DROP/);
  });

  test("one bad event does not take the others along", () => {
    const { rows } = accept({
      events: [eventOf(), null, eventOf({ eventName: "x:y" }), eventOf()],
    });
    expect(rows).toHaveLength(2);
  });

  test.each([
    ["a list", [], "an object"],
    ["another version of the format", { schemaVersion: 2 }, "schemaVersion"],
    ["a batch without an id", { batchId: null }, "batchId"],
    [
      "an id of another form",
      { context: { anonymousId: "ada@example.com" } },
      "context.anonymousId",
    ],
    ["no events", { events: [] }, "events"],
    ["101 events", { events: Array.from({ length: 101 }, () => eventOf()) }, "events"],
  ])("%s is refused, with the place and without the value", (_what, changes, place) => {
    const input = Array.isArray(changes) ? changes : requestOf(acme, changes);
    const acceptance = acceptPayload(products, input, now);
    expect(acceptance).toHaveProperty("refusal", expect.stringContaining(place));
    expect(JSON.stringify(acceptance)).not.toContain("ada@");
  });
});

describe("definitions", () => {
  const older = productOf(defineEvents({ ...buildEvents }));
  const event = eventOf({ fields: { success: true, toolsCount: 3 } });
  const events = [event];

  test("of an older version go on to hold for it", () => {
    const both = createProducts([acme], [older]);
    const acceptance = acceptPayload(both, requestOf(older, { events }), now);
    expect(acceptance).toMatchObject({ dropped: { field: 1 } });
    expect(accept({ events }, both)).toMatchObject({ dropped: {} });
  });

  test("that nobody knows are held to the newest, where there is one product", () => {
    const unknown = { fingerprint: "f".repeat(32) };
    const acceptance = acceptPayload(products, requestOf(unknown, { events }), now);
    expect(acceptance).toMatchObject({ dropped: { unknown_definitions: 1 } });
  });

  test("that nobody knows are refused, where there are several", () => {
    const two = createProducts([acme, productOf(acmeEvents, { name: "zeta" })]);
    const acceptance = acceptPayload(two, requestOf({ fingerprint: "f".repeat(32) }), now);
    expect(acceptance).toHaveProperty("refusal", expect.stringContaining("definitions"));
  });
});

test("a product without ids tells which machines are new, and no more", () => {
  const nobody = productOf(acmeEvents, { identity: "none" });
  const context = { anonymousId: null, projectHash: null, sessionId: null };
  const events = [eventOf({ firstOf: { day: true, week: false, month: false } })];
  const of = createProducts([nobody]);
  expect(acceptPayload(of, requestOf(nobody, { context, events }), now)).toMatchObject({
    rows: [{ place: "none", firstOfDay: true, firstOfWeek: false, firstOfMonth: false }],
    dropped: {},
  });
  expect(acceptPayload(of, requestOf(nobody), now)).toHaveProperty("refusal");
});

test("machines described in full are bounded", () => {
  const full = productOf(acmeEvents, { metadata: "full" });
  const of = createProducts([full]);
  const changes = { cpuModel: "x".repeat(5_000), memoryTotal: 1e300, systemRelease: "6.1\u0000" };
  const events = [eventOf({ timestamp: now.toISOString() })];
  const request = requestOf(full, { events, meta: { ...meta, ...changes } });
  expect(acceptPayload(of, request, now)).toMatchObject({
    rows: [{ meta: { cpuModel: null, memoryTotal: null, systemRelease: null } }],
  });
});
