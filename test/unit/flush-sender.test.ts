import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createPermit } from "../../src/flush/permit.ts";
import { rollUp } from "../../src/flush/rollup.ts";
import { runSender } from "../../src/flush/sender.ts";
import {
  appendCount,
  type Batch,
  beginAttempt,
  confirmLock,
  isTrusted,
  type SenderTask,
  settleBatch,
  takeLock,
  trimDays,
  writeOpenBatch,
} from "../../src/spool/index.ts";
import { createDebug } from "../../src/support/debug.ts";
import { type Places, placesFor } from "../../src/support/paths.ts";
import { type SinkOptions, sinkKey } from "../../src/support/sinks.ts";
import { type Receiver, startReceiver } from "../../src/testing/index.ts";
import { ownFolder } from "./own-folder.ts";
import { batchId, batchOf, eventOf, setAge } from "./spool-batches.ts";

const folder = ownFolder();
let places: Places;
let receiver: Receiver;
let http: SinkOptions;

beforeEach(async () => {
  vi.stubEnv("DO_NOT_TRACK", undefined);
  const home = { env: {}, platform: process.platform, home: folder.at("home") };
  places = { ...placesFor("acme", home), policies: [folder.at("policy.json")] };
  receiver = await startReceiver();
  http = { type: "http", url: receiver.url };
});
afterEach(async () => {
  await receiver.stop();
  vi.unstubAllEnvs();
});

const startedAt = Date.now();

function task(given: Partial<SenderTask> = {}): SenderTask {
  return {
    subject: {
      name: "acme",
      version: "1.2.3",
      places,
      offVariables: ["ACME_TELEMETRY_DISABLED"],
      alsoRead: [],
    },
    projectFiles: [],
    consent: "opt-out",
    debug: "off",
    runStartedAt: startedAt,
    ...given,
  };
}

/** Batches that wait: number 1, 2, …, each with an event of the same number. */
function waiting(count: number, given: Partial<Batch> = {}): void {
  for (let n = 1; n <= count; n++) waitingOne(n, given);
}
function waitingOne(n: number, given: Partial<Batch> = {}): void {
  const content = { ...batchOf(batchId(n)).content, events: [eventOf(`e${n}`)] };
  writeOpenBatch(places.spool, batchOf(batchId(n), { sinks: [http], content, ...given }));
  settleBatch(places.spool, batchId(n));
}

const spool = () => (existsSync(places.spool) ? readdirSync(places.spool) : []);
const receivedIds = () => receiver.events.map((event) => event.id).sort();
const write = (file: string, content: unknown) =>
  folder.write(path.relative(folder.at(), file), content);

describe("a sender delivers", () => {
  test("all that waits, each once", async () => {
    waiting(20);
    await runSender(task());
    expect(receivedIds()).toEqual(Array.from({ length: 20 }, (_, i) => `e${i + 1}`).sort());
    expect(spool()).toEqual([]);
  });

  test("what a build that was killed left open, after ten minutes", async () => {
    writeOpenBatch(places.spool, batchOf(batchId(1), { sinks: [http] }));
    const file = path.join(places.spool, `${batchId(1)}_open.json`);
    await runSender(task());
    expect(receiver.connections).toBe(0);
    setAge(file, Date.now() - 601_000);
    await runSender(task());
    expect(receiver.requests).toHaveLength(1);
    expect(spool()).toEqual([]);
  });

  test("what lies beside batches that no product could have written", async () => {
    const hostile = [{ type: "http" }, { type: "http", url: "http://acme.dev/" }, {}];
    const names = hostile.map((sink, i) => {
      const batch = batchOf(batchId(i + 5), { sinks: [sink as SinkOptions] });
      const name = `${batch.batchId}_events.json`;
      setAge(write(path.join(places.spool, name), batch), Date.now() - 60_000);
      return name;
    });
    waiting(1);
    await runSender(task());
    expect(receivedIds()).toEqual(["e1"]);
    expect(spool().sort()).toEqual(names);
  });

  test("from an endpoint that is down it learns so once, not once a batch", async () => {
    receiver.behave({ status: 404 });
    waiting(20);
    await runSender(task());
    expect(receiver.requests).toHaveLength(1);
    expect(spool()).toHaveLength(20);
  });

  test("nothing to a sink that is backing off, unless somebody asked for it", async () => {
    for (let i = 0; i < 20; i++) beginAttempt(places.backoff, sinkKey(http), Date.now(), () => 1);
    waiting(1);
    await runSender(task());
    expect(receiver.connections).toBe(0);
    await runSender(task({ ignoreBackoff: true }));
    expect(receivedIds()).toEqual(["e1"]);
  });
});

describe("what the run that showed the notice has recorded", () => {
  test.each([
    ["waits in that run", startedAt, 0],
    ["waits in a run that began before it", startedAt + 1, 0],
    ["is sent by a later run", startedAt - 1, 1],
  ])("%s", async (_what, heldSince, expected) => {
    waiting(1, { heldSince });
    await runSender(task());
    expect(receiver.requests).toHaveLength(expected);
    expect(spool()).toHaveLength(1 - expected);
  });
});

describe("a sender's lock", () => {
  test("is its own while it looks for more, and gone afterwards", async () => {
    mkdirSync(places.state, { recursive: true });
    const lockToken = takeLock(places.lock, Date.now()) as string;
    let trusted = false;
    receiver.behave(() => {
      trusted = isTrusted(places.lock, Date.now());
      // A build that ends now sees the lock, and starts no sender.
      if (receiver.requests.length === 1) waitingOne(2);
      return "accept";
    });
    waiting(1);
    await runSender(task({ lockToken }));
    expect(trusted).toBe(true);
    expect(receivedIds()).toEqual(["e1", "e2"]);
    expect(existsSync(places.lock)).toBe(false);
  });

  test("is left alone if it is another's by now", async () => {
    mkdirSync(places.state, { recursive: true });
    const token = takeLock(places.lock, Date.now()) as string;
    confirmLock(places.lock, token, 4711, Date.now());
    waiting(1);
    await runSender(task({ lockToken: "mine" }));
    expect(receivedIds()).toEqual(["e1"]);
    expect(isTrusted(places.lock, Date.now())).toBe(true);
  });
});

describe("consent is asked again:", () => {
  const verdicts: [what: string, say: () => void, isErased: boolean][] = [
    [
      "preferences that say off",
      () => write(places.preferences, { "telemetry.enabled": false }),
      true,
    ],
    [
      "preferences that say local",
      () => write(places.preferences, { "telemetry.enabled": "local" }),
      false,
    ],
    ["preferences that can't be read", () => write(places.preferences, "{"), false],
    ["DO_NOT_TRACK", () => vi.stubEnv("DO_NOT_TRACK", "1"), false],
    ["the product's variable", () => vi.stubEnv("ACME_TELEMETRY_DISABLED", "1"), false],
    ["a policy", () => write(folder.at("policy.json"), { telemetry: false }), false],
    ["a 410", () => write(places.stopped, { "1.2.3": Date.now() + 60_000 }), false],
    ["a project", () => write(folder.at("package.json"), { acme: { telemetry: false } }), false],
  ];

  test.each(verdicts)(
    "%s: nothing is sent; what waits is deleted by a person's no alone",
    async (_what, say, isErased) => {
      waiting(2);
      say();
      await runSender(task({ projectFiles: [folder.at("package.json")] }));
      expect(receiver.connections).toBe(0);
      expect(spool()).toHaveLength(isErased ? 0 : 2);
    },
  );

  test("also before the next request", async () => {
    receiver.behave(() => {
      writeFileSync(places.preferences, '{"telemetry.enabled": false}');
      return "accept";
    });
    mkdirSync(path.dirname(places.preferences), { recursive: true });
    waiting(3);
    await runSender(task());
    expect(receiver.requests).toHaveLength(1);
    expect(spool()).toEqual([]);
  });

  test("where nobody has agreed yet, what waits is left", () => {
    waiting(1);
    expect(createPermit(task({ consent: "opt-in" }), createDebug("off"))()).toBe(false);
    expect(spool()).toHaveLength(1);
    write(places.preferences, { "telemetry.enabled": true });
    expect(createPermit(task({ consent: "opt-in" }), createDebug("off"))()).toBe(true);
  });
});

describe("counts of completed days", () => {
  const noon = Date.UTC(2026, 2, 1, 12);
  const day = 24 * 60 * 60 * 1000;
  const rollup = (version = "1.2.3") => {
    const { batchId: _, ...base } = batchOf(batchId(1), { sinks: [http], version });
    return base;
  };
  const eventsSent = () => receiver.events.map(({ id: _, ...event }) => event);

  test("go out as one event a name and day", async () => {
    appendCount(places.rollups, "rebuild", false, noon);
    appendCount(places.rollups, "rebuild", true, noon);
    appendCount(places.rollups, "click", false, noon);
    appendCount(places.rollups, "rebuild", false, noon + day);
    await runSender(task({ rollup: rollup() }));
    const event = (timestamp: string, name: string, count: number, errors: number) => ({
      eventName: "usage:rollup",
      timestamp,
      fields: { name, count, errors, productVersion: "1.2.3" },
    });
    expect(eventsSent()).toHaveLength(3);
    expect(eventsSent()).toEqual(
      expect.arrayContaining([
        event("2026-03-01T00:00:00.000Z", "rebuild", 2, 1),
        event("2026-03-01T00:00:00.000Z", "click", 1, 0),
        event("2026-03-02T00:00:00.000Z", "rebuild", 1, 0),
      ]),
    );
    expect(receiver.requests).toHaveLength(2);
    expect(readdirSync(places.rollups)).toEqual([]);
  });

  test("wait for a sender that knows the product", async () => {
    appendCount(places.rollups, "rebuild", false, noon);
    await runSender(task());
    expect(receiver.connections).toBe(0);
    expect(readdirSync(places.rollups)).toHaveLength(1);
  });

  test("that nobody sends are gone after 30 days", () => {
    for (let i = 0; i < 50; i++) appendCount(places.rollups, "rebuild", false, noon + i * day);
    trimDays(places.rollups, noon + 49 * day);
    expect(readdirSync(places.rollups).sort()[0]).toBe("2026-03-20.log");
  });

  test("made into a batch again after a crash have the same ids", () => {
    const batches = [0, 1].map(() => {
      const file = path.join(places.rollups, `2026-03-01_${batchId(7)}.log`);
      write(file, "rebuild 0\nclick 1\n");
      rollUp(task({ rollup: rollup() }), Date.now());
      const [name] = spool();
      expect(name).toBe(`${batchId(7)}_events.json`);
      expect(existsSync(file)).toBe(false);
      return JSON.parse(readFileSync(path.join(places.spool, name as string), "utf8"));
    });
    expect(batches[1]).toEqual(batches[0]);
    const ids = batches[0].content.events.map((event: { id: string }) => event.id);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("say a version without what somebody typed", async () => {
    appendCount(places.rollups, "rebuild", false, noon);
    await runSender(task({ rollup: rollup("1.2.3-jos-branch") }));
    expect(receiver.events[0]?.fields).toMatchObject({ productVersion: "1.2.3" });
    expect(receiver.requests[0]?.body).not.toContain("jos-branch");
  });

  test("that hold nothing make no batch", async () => {
    write(path.join(places.rollups, "2026-03-01.log"), "torn");
    await runSender(task({ rollup: rollup() }));
    expect(receiver.connections).toBe(0);
    expect(readdirSync(places.rollups)).toEqual([]);
  });
});

test("in a dry run nothing is sent, and nothing is written", async () => {
  await runSender(task({ dry: batchOf(batchId(1), { sinks: [http] }) }));
  expect(receiver.connections).toBe(0);
  expect(existsSync(places.state)).toBe(false);
});
