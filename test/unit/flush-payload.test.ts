import { describe, expect, test } from "vitest";
import { requestsOf, splitRequest } from "../../src/flush/payload.ts";
import type { Batch, Request } from "../../src/spool/index.ts";
import { batchId, batchOf, eventOf } from "./spool-batches.ts";

const id = batchId(1);
const facts = {
  isCI: false,
  ciName: null,
  ciVendor: null,
  runtime: "node",
  runtimeVersion: "22.1.0",
  packageManager: "pnpm",
  agent: null,
};

function batchWith(count: number, fields: Record<string, unknown> = {}): Batch {
  const events = Array.from({ length: count }, (_, i) => eventOf(`e${i}`, fields));
  return batchOf(id, { facts, content: { ...batchOf(id).content, events } });
}
const bodies = (requests: readonly Request[]) => requests.map(({ body }) => JSON.parse(body));
const eventIds = (requests: readonly Request[]) =>
  bodies(requests).flatMap(({ events }) => events.map((event: { id: string }) => event.id));
const ids = (count: number) => Array.from({ length: count }, (_, i) => `e${i}`);

test("a batch becomes the payload of the design, in its order", () => {
  const batch = batchWith(2);
  const [request, ...others] = requestsOf(batch);
  expect(others).toEqual([]);
  expect(request?.id).toBe(id);
  const body = JSON.parse(request?.body ?? "");
  expect(Object.keys(body)).toEqual([
    ...["schemaVersion", "definitions", "batchId", "context", "meta", "events"],
  ]);
  expect(body).toMatchObject({ ...batch.content, batchId: id });
  expect(body.meta).toMatchObject({
    platform: process.platform,
    isCI: false,
    runtime: "node",
    runtimeVersion: "22.1.0",
    packageManager: "pnpm",
  });
});

test("without metadata the keys are there, and empty", () => {
  const { meta } = bodies(requestsOf({ ...batchWith(1), metadata: "none" }))[0];
  expect(new Set(Object.values(meta))).toEqual(new Set([null]));
  expect(meta).toHaveProperty("platform");
});

test("nothing of the batch that is the sender's own business leaves", () => {
  const text = JSON.stringify(requestsOf({ ...batchWith(1), heldSince: 5 }));
  for (const word of ["heldSince", "sinks", "ciVendor", "format"]) expect(text).not.toContain(word);
});

describe("a batch that is too large becomes several requests", () => {
  test.each([
    [100, {}, [id]],
    [101, {}, [`${id}.0`, `${id}.1`]],
    [201, {}, [`${id}.0.0`, `${id}.0.1`, `${id}.1`]],
    [2, { text: "x".repeat(20_000) }, [id]],
    [4, { text: "x".repeat(20_000) }, [`${id}.0`, `${id}.1`]],
    [2, { text: "€".repeat(20_000) }, [`${id}.0`, `${id}.1`]],
  ])("%i events with %j: %j", (count, fields, expected) => {
    const requests = requestsOf(batchWith(count, fields));
    expect(requests.map((request) => request.id)).toEqual(expected);
    expect(bodies(requests).map((body) => body.batchId)).toEqual(expected);
    expect(eventIds(requests)).toEqual(ids(count));
  });

  test("each within 64 KiB and 100 events, and whole in itself", () => {
    for (const request of requestsOf(batchWith(900, { text: "x".repeat(500) }))) {
      const { events, ...rest } = JSON.parse(request.body);
      expect(Buffer.byteLength(request.body)).toBeLessThanOrEqual(64 * 1024);
      expect(events.length).toBeLessThanOrEqual(100);
      expect(rest).toMatchObject({ schemaVersion: 1, batchId: request.id });
      expect(rest.context).toEqual(batchOf(id).content.context);
    }
  });

  test("and one event that is too large by itself is left out", () => {
    const batch = batchWith(3);
    batch.content.events[1] = eventOf("e1", { text: "x".repeat(70_000) });
    expect(eventIds(requestsOf(batch))).toEqual(["e0", "e2"]);
    batch.content.events = [eventOf("e1", { text: "x".repeat(70_000) })];
    expect(requestsOf(batch)).toEqual([]);
  });

  test("that are the same when made again", () => {
    const batch = batchWith(150);
    expect(requestsOf(batch)).toEqual(requestsOf(batch));
  });
});

describe("a request that an endpoint calls too large", () => {
  const [whole] = requestsOf(batchWith(5)) as [Request];

  test("is split in two, with the same events under ids of their own", () => {
    const halves = splitRequest(whole);
    expect(halves.map((half) => half.id)).toEqual([`${id}.0`, `${id}.1`]);
    expect(eventIds(halves)).toEqual(ids(5));
    const { events: _, batchId: __, ...rest } = JSON.parse(whole.body);
    for (const half of bodies(halves)) expect(half).toMatchObject(rest);
  });

  test("is split on, down to one event, each with an id of its own", () => {
    let requests: Request[] = [whole];
    for (let i = 0; i < 3; i++) {
      requests = requests.flatMap((request) =>
        JSON.parse(request.body).events.length > 1 ? splitRequest(request) : [request],
      );
    }
    expect(eventIds(requests)).toEqual(ids(5));
    expect(requests).toHaveLength(5);
    expect(new Set(requests.map((request) => request.id)).size).toBe(5);
  });

  test("is dropped when it holds one event", () => {
    expect(splitRequest(requestsOf(batchWith(1))[0] as Request)).toEqual([]);
  });
});
