import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DeliveryRun, deliverBatch } from "../../src/flush/deliver.ts";
import { createSinkRuns } from "../../src/flush/sinks.ts";
import {
  type Batch,
  backoffUntil,
  claimBatch,
  listTakeable,
  settleBatch,
  writeOpenBatch,
} from "../../src/spool/index.ts";
import { createDebug } from "../../src/support/debug.ts";
import { type Places, placesFor } from "../../src/support/paths.ts";
import { type SinkOptions, sinkKey } from "../../src/support/sinks.ts";
import { type Receiver, startReceiver } from "../../src/testing/index.ts";
import { ownFolder } from "./own-folder.ts";
import { batchId, batchOf, eventOf } from "./spool-batches.ts";

const folder = ownFolder();
const id = batchId(1);
let places: Places;
let receiver: Receiver;
let http: SinkOptions;

beforeEach(async () => {
  places = placesFor("acme", { env: {}, platform: process.platform, home: folder.at("home") });
  receiver = await startReceiver();
  http = { type: "http", url: receiver.url };
});
afterEach(() => receiver.stop());

/** Late enough in a sender's life that nothing is sent a second time. */
const lifeMs = 1400;

function deliveryRun(given: Partial<DeliveryRun> = {}, ignoreBackoff = true): DeliveryRun {
  return {
    places,
    debug: createDebug("off"),
    lifeLeftMs: () => lifeMs,
    isPermitted: () => true,
    sinkRun: createSinkRuns(places.backoff, ignoreBackoff),
    ...given,
  };
}

/** A batch that waits, of events `e0`, `e1`, … */
function waiting(given: { events?: number } & Partial<Batch> = {}): void {
  const { events = 1, ...rest } = given;
  const list = Array.from({ length: events }, (_, i) => eventOf(`e${i}`));
  const content = { ...batchOf(id).content, events: list };
  writeOpenBatch(places.spool, batchOf(id, { sinks: [http], content, ...rest }));
  settleBatch(places.spool, id);
}

async function deliver(run = deliveryRun()): Promise<void> {
  const now = Date.now();
  const [entry] = listTakeable(places.spool, now);
  const claim = entry && claimBatch(places.spool, entry, now);
  if (!claim) throw new Error("nothing waits");
  await deliverBatch(run, claim);
}

const relative = (file: string) => path.relative(folder.at(), file);
const spool = () => readdirSync(places.spool);
const sent = () =>
  readFileSync(places.sent, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const received = () => receiver.requests.map(({ payload }) => payload.batchId);

describe("a batch that was taken", () => {
  test("is gone, and kept as it was sent for its user to see", async () => {
    waiting();
    await deliver();
    expect(spool()).toEqual([]);
    expect(receiver.events.map((event) => event.id)).toEqual(["e0"]);
    expect(sent()).toEqual([
      {
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        to: http,
        answer: "202",
        body: receiver.requests[0]?.body,
      },
    ]);
  });

  test("leaves no back-off", async () => {
    waiting();
    await deliver();
    expect(readdirSync(places.backoff)).toEqual([]);
  });

  test("is gone even if it can't be kept", async () => {
    waiting();
    folder.write(relative(`${places.sent}/x`), "a folder in its place");
    await deliver();
    expect(spool()).toEqual([]);
  });
});

describe("a batch that was not taken", () => {
  test.each([
    [{ status: 500 }],
    [{ status: 404 }],
    [{ status: 302 }],
    ["refuse"],
    ["hang"],
  ] as const)(
    "(%j) waits, sealed: the next time it is the same, byte for byte",
    async (behaviour) => {
      receiver.behave(behaviour);
      waiting({ metadata: "full" });
      await deliver();
      expect(spool()).toEqual([`${id}_events.json`]);
      expect(existsSync(places.sent)).toBe(false);
      const { requests } = JSON.parse(readFileSync(`${places.spool}/${id}_events.json`, "utf8"));
      receiver.behave("accept");
      await deliver();
      expect(receiver.requests.at(-1)?.body).toBe(requests[0].body);
      expect(spool()).toEqual([]);
    },
  );

  test("ends the run for its sink, and leaves a back-off for the next senders", async () => {
    receiver.behave({ status: 500 });
    const run = deliveryRun({}, false);
    waiting();
    await deliver(run);
    expect(run.sinkRun(http)?.isOpen()).toBe(false);
    await deliver(run);
    expect(received()).toEqual([id]);
    expect(readdirSync(places.backoff)).toEqual([`${sinkKey(http)}.json`]);
  });

  test("waits for as long as the endpoint asked", async () => {
    receiver.behave({ status: 503, headers: { "retry-after": "3600" } });
    waiting();
    const before = Date.now();
    await deliver();
    const until = backoffUntil(places.backoff, sinkKey(http), Date.now()) ?? 0;
    expect(until - before).toBeGreaterThanOrEqual(3_600_000);
    expect(until - before).toBeLessThan(3_610_000);
  });

  test("is not sent sooner for a short Retry-After: the back-off counts on", async () => {
    receiver.behave({ status: 503, headers: { "retry-after": "0" } });
    const file = folder.write(relative(`${places.backoff}/${sinkKey(http)}.json`), {
      failures: 20,
      until: 0,
    });
    waiting();
    await deliver();
    const { failures, until } = JSON.parse(readFileSync(file, "utf8"));
    expect(failures).toBe(21);
    // Anything up to a day off: within a second, it is one time in 86,400.
    expect(until).toBeGreaterThan(Date.now() + 1000);
  });
});

describe("an endpoint's no", () => {
  test.each([400, 415, 422])("by %i drops the batch", async (status) => {
    receiver.behave({ status });
    waiting();
    await deliver();
    expect(spool()).toEqual([]);
    expect(existsSync(places.sent)).toBe(false);
    expect(received()).toEqual([id]);
  });

  test("by 410 drops the batch, and notes the version it came from", async () => {
    receiver.behave({ status: 410 });
    waiting({ version: "0.9.0" });
    await deliver();
    expect(spool()).toEqual([]);
    const stopped = JSON.parse(readFileSync(places.stopped, "utf8"));
    const month = 30 * 24 * 60 * 60 * 1000;
    expect(stopped).toEqual({ "0.9.0": expect.closeTo(Date.now() + month, -5) });
  });
});

describe("a request that is too large", () => {
  test("is sent in parts, each event once", async () => {
    receiver.behave(({ payload }) =>
      (payload.events?.length ?? 0) > 2 ? { status: 413 } : "accept",
    );
    waiting({ events: 5 });
    await deliver();
    expect(received()).toEqual([id, `${id}.0`, `${id}.0.0`, `${id}.0.1`, `${id}.1`]);
    const taken = receiver.requests.filter(({ payload }) => (payload.events?.length ?? 0) <= 2);
    expect(taken.flatMap(({ payload }) => payload.events?.map((e) => e.id))).toEqual([
      ...["e0", "e1", "e2", "e3", "e4"],
    ]);
    expect(spool()).toEqual([]);
    expect(sent().map(({ body }) => JSON.parse(body).batchId)).toEqual([
      ...[`${id}.0.0`, `${id}.0.1`, `${id}.1`],
    ]);
  });

  test("is sent on where it was left", async () => {
    receiver.behave((_request, i) => [{ status: 413 }, "accept", { status: 500 }][i] as never);
    waiting({ events: 2 });
    await deliver();
    expect(spool()).toHaveLength(1);
    receiver.behave("accept");
    await deliver();
    expect(received()).toEqual([id, `${id}.0`, `${id}.1`, `${id}.1`]);
    expect(spool()).toEqual([]);
  });

  test("and holds one event is dropped", async () => {
    receiver.behave({ status: 413 });
    waiting();
    await deliver();
    expect(received()).toEqual([id]);
    expect(spool()).toEqual([]);
  });
});

describe("of several sinks", () => {
  test("each is settled by itself: one that is down doesn't hold the other back", async () => {
    const file: SinkOptions = { type: "file", path: folder.at("events.jsonl") };
    const lines = () => readFileSync(file.path, "utf8").trimEnd().split("\n");
    receiver.behave({ status: 500 });
    waiting({ sinks: [http, file] });
    await deliver();
    expect(lines()).toEqual([receiver.requests[0]?.body]);
    expect(spool()).toHaveLength(1);
    receiver.behave("accept");
    await deliver();
    expect(lines()).toHaveLength(1);
    expect(received()).toEqual([id, id]);
    expect(spool()).toEqual([]);
  });

  test("one that this version doesn't know keeps the batch for one that does", async () => {
    waiting({ sinks: [{ type: "pigeon", loft: 5 } as never, http] });
    await deliver();
    await deliver();
    expect(received()).toEqual([id]);
    expect(spool()).toEqual([`${id}_events.json`]);
  });
});

describe("before each request is asked", () => {
  test("for consent: without it nothing is sent, and the batch is left", async () => {
    waiting();
    await deliver(deliveryRun({ isPermitted: () => false }));
    expect(receiver.connections).toBe(0);
    expect(spool()).toEqual([`${id}_events.json`]);
  });

  test("for consent: also between two parts of a batch", async () => {
    receiver.behave((_request, i) => (i ? "accept" : { status: 413 }));
    waiting({ events: 2 });
    await deliver(deliveryRun({ isPermitted: () => receiver.requests.length < 2 }));
    expect(received()).toEqual([id, `${id}.0`]);
  });

  test("for the claim: when the spool is deleted meanwhile, nothing more is sent", async () => {
    receiver.behave((_request, i) => {
      rmSync(places.spool, { recursive: true });
      return i ? "accept" : { status: 413 };
    });
    waiting({ events: 2 });
    await deliver();
    expect(received()).toEqual([id]);
    expect(existsSync(places.spool)).toBe(false);
  });

  test("for time: in a sender's last second nothing is sent, nor counted as a failure", async () => {
    waiting();
    await deliver(deliveryRun({ lifeLeftMs: () => 1000 }));
    expect(receiver.connections).toBe(0);
    expect(existsSync(places.backoff)).toBe(false);
    expect(spool()).toEqual([`${id}_events.json`]);
  });

  test("for the disk: what can't be written down is not sent", async () => {
    waiting();
    folder.write(relative(places.backoff), "a file in its place");
    await deliver();
    expect(receiver.connections).toBe(0);
    expect(spool()).toEqual([`${id}_events.json`]);
  });
});

describe("a sink's back-off", () => {
  const answer = { failure: "ECONNREFUSED" };
  const runs = (ignoreBackoff = false) => createSinkRuns(places.backoff, ignoreBackoff)(http);
  const backingOff = () => existsSync(`${places.backoff}/${sinkKey(http)}.json`);

  test("is written before an attempt, and cleared when it worked", () => {
    const run = runs();
    run?.begin();
    expect(backingOff()).toBe(true);
    expect(run?.isOpen()).toBe(true);
    run?.worked();
    expect(backingOff()).toBe(false);
  });

  test("is not another attempt's of the same run, but holds for other senders", () => {
    const run = runs();
    run?.begin();
    // Of twelve failures, so that it is sure to last.
    for (let i = 0; i < 12; i++) runs(true)?.begin();
    expect(run?.isOpen()).toBe(true);
    expect(runs()?.isOpen()).toBe(false);
    expect(runs(true)?.isOpen()).toBe(true);
  });

  test("is cleared by the last of several attempts, if none failed", () => {
    const run = runs();
    for (let i = 0; i < 3; i++) run?.begin();
    run?.worked();
    run?.untried();
    expect(backingOff()).toBe(true);
    run?.worked();
    expect(backingOff()).toBe(false);
  });

  test("stays after one failed, however the others end", () => {
    const run = runs();
    for (let i = 0; i < 3; i++) run?.begin();
    run?.worked();
    run?.failed(answer);
    expect(run?.isOpen()).toBe(false);
    run?.worked();
    expect(backingOff()).toBe(true);
    expect(run?.isOpen()).toBe(false);
  });

  test("is counted once for all attempts that are under way", () => {
    const run = runs();
    for (let i = 0; i < 6; i++) run?.begin();
    const file = `${places.backoff}/${sinkKey(http)}.json`;
    expect(JSON.parse(readFileSync(file, "utf8")).failures).toBe(1);
  });
});
