import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Batch } from "../../src/spool/index.ts";
import {
  type BatchBase,
  OpenBatch,
  type RecordedEvent,
  wireEvents,
} from "../../src/tracker/write-batch.ts";
import { ownFolder } from "./own-folder.ts";
import { batchId, batchOf } from "./spool-batches.ts";

const folder = ownFolder();
let spool: string;
let open: OpenBatch;
beforeEach(() => {
  spool = folder.at("spool");
  open = new OpenBatch(spool);
});

const { batchId: _, ...base }: Batch = batchOf(batchId(1));
const event = (id: string, fields: RecordedEvent["fields"] = {}): RecordedEvent => ({
  id,
  eventName: "page:seen",
  timestamp: "2026-03-01T10:59:59.123Z",
  fields,
});
const events = (count: number, fields = {}) =>
  Array.from({ length: count }, (_unused, i) => event(`e${i}`, fields));

/** What lies in the spool, by its state: the ids of each batch's events. */
function spooled(): Record<"open" | "events", string[][]> {
  const found: Record<"open" | "events", string[][]> = { open: [], events: [] };
  for (const name of readdirSync(spool)) {
    const [, id, kind] = /^([0-9a-f-]{36})_(open|events)\.json$/.exec(name) ?? [];
    const batch: Batch = JSON.parse(readFileSync(path.join(spool, name), "utf8"));
    expect(batch.batchId).toBe(id);
    found[kind as "open" | "events"].push(batch.content.events.map((one) => one.id));
  }
  return found;
}

test("a process's batch grows by what is recorded later, and waits once it is settled", () => {
  expect(open.isEmpty).toBe(true);
  open.add(base, [event("a")]);
  open.add(base, [event("b"), event("c")]);
  expect(open.isEmpty).toBe(false);
  expect(spooled()).toEqual({ open: [["a", "b", "c"]], events: [] });
  expect(open.settle()).toMatch(/^[0-9a-f-]{36}$/);
  expect(spooled()).toEqual({ open: [], events: [["a", "b", "c"]] });
  expect(open.isEmpty).toBe(true);
  expect(open.settle()).toBeUndefined();
});

test("what is recorded after that begins another", () => {
  open.add(base, [event("a")]);
  open.settle();
  open.add(base, [event("b")]);
  expect(spooled()).toEqual({ open: [["b"]], events: [["a"]] });
});

describe("a batch that would be too large for a request makes place for another", () => {
  test("at 100 events", () => {
    open.add(base, events(250));
    const { open: last, events: full } = spooled();
    expect(full.map((ids) => ids.length)).toEqual([100, 100]);
    expect(last.map((ids) => ids.length)).toEqual([50]);
    open.add(base, events(51));
    expect(spooled().events).toHaveLength(3);
    expect([...spooled().events, ...spooled().open].flat()).toHaveLength(301);
  });

  test("at 60 KiB", () => {
    open.add(base, events(7, { text: "x".repeat(20_000) }));
    const sizes = readdirSync(spool).map((name) => readFileSync(path.join(spool, name)).length);
    expect(sizes.length).toBe(3);
    for (const size of sizes) expect(size).toBeLessThan(64 * 1024);
    const { open: last, events: full } = spooled();
    expect([...full, ...last].flat().sort()).toEqual(events(7).map(({ id }) => id));
  });

  test("and one event alone is never too large for one", () => {
    open.add(base, [event("huge", { text: "x".repeat(100_000) }), event("a")]);
    expect(spooled().events).toEqual([["huge"]]);
    expect(spooled().open).toEqual([["a"]]);
  });
});

describe("an event that is recorded can be replaced, under its id,", () => {
  test("while its batch is open", () => {
    open.add(base, [event("a"), event("b")]);
    expect(open.replace(event("a", { times: 2 }))).toBe(true);
    const [name] = readdirSync(spool);
    const batch: Batch = JSON.parse(readFileSync(path.join(spool, name as string), "utf8"));
    expect(batch.content.events.map(({ id, fields }) => [id, fields])).toEqual([
      ["a", { times: 2 }],
      ["b", {}],
    ]);
  });

  test("and not any more when it is settled, or was never there", () => {
    open.add(base, [event("a")]);
    expect(open.replace(event("b"))).toBe(false);
    open.settle();
    expect(open.replace(event("a"))).toBe(false);
  });
});

describe("an event that is recorded can be withdrawn", () => {
  test("while its batch is open, which goes with the last of them", () => {
    open.add(base, [event("a"), event("b")]);
    expect(open.withdraw("a")).toBe(true);
    expect(open.withdraw("a")).toBe(false);
    expect(spooled().open).toEqual([["b"]]);
    expect(open.withdraw("b")).toBe(true);
    expect(readdirSync(spool)).toEqual([]);
    expect(open.isEmpty).toBe(true);
  });

  test("and not any more when it is settled", () => {
    open.add(base, [event("a")]);
    open.settle();
    expect(open.withdraw("a")).toBe(false);
    expect(spooled().events).toEqual([["a"]]);
  });
});

test("what an event has beside its fields travels along", () => {
  const firstOf = { day: true, week: false, month: false };
  open.add(base, [{ ...event("a"), sampleRate: 0.1, firstOf }]);
  const [name] = readdirSync(spool);
  const batch: Batch = JSON.parse(readFileSync(path.join(spool, name as string), "utf8"));
  expect(batch.content.events).toMatchObject([{ id: "a", sampleRate: 0.1, firstOf }]);
});

describe("when the spool is deleted meanwhile (somebody turned it off)", () => {
  test("nothing is settled, replaced or brought back", () => {
    open.add(base, [event("a")]);
    rmSync(spool, { recursive: true });
    expect(open.replace(event("a", { times: 2 }))).toBe(false);
    expect(open.settle()).toBeUndefined();
    expect(() => readdirSync(spool)).toThrow("ENOENT");
  });

  test("what is recorded later is by itself", () => {
    open.add(base, [event("a")]);
    rmSync(spool, { recursive: true });
    open.add(base, [event("b")]);
    expect(spooled()).toEqual({ open: [["b"]], events: [] });
  });
});

test("a spool that can't be written is said so, and nothing is open", () => {
  folder.write("spool", "a file in its place");
  expect(() => open.add(base, [event("a")])).toThrow("EEXIST");
  expect(open.isEmpty).toBe(true);
});

test.each<[metadata: BatchBase["metadata"], timestamp: string]>([
  ["coarse", "2026-03-01T10:00:00.000Z"],
  ["none", "2026-03-01T10:00:00.000Z"],
  ["full", "2026-03-01T10:59:59.123Z"],
])("with %s metadata an event's moment is %s", (metadata, timestamp) => {
  const [wire] = wireEvents({ metadata }, [event("a", { times: 1 })]);
  expect(wire).toEqual({ id: "a", eventName: "page:seen", timestamp, fields: { times: 1 } });
});
