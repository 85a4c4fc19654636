import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { buildEvents } from "../../src/events/build-events.ts";
import { defineEvents } from "../../src/events/define.ts";
import { runSender } from "../../src/flush/sender.ts";
import type { SenderTask } from "../../src/spool/index.ts";
import { claimDeadAfterMs } from "../../src/support/limits.ts";
import { createGround } from "../../src/tracker/ground.ts";
import { handOver } from "../../src/tracker/hand-over.ts";
import { resolveOptions } from "../../src/tracker/resolve-options.ts";
import { batchBase, OpenBatch } from "../../src/tracker/write-batch.ts";
import {
  type Call,
  type End,
  type Explored,
  Explorer,
  epoch,
  type Main,
  type Scenario,
} from "./explorer.ts";
import { createLedger, isExhaustive, isLong, seededRandom } from "./harness.ts";

/**
 * Why no batch falls between a build that sees a live sender and a sender about to leave stands in
 * src/spool/index.ts. Here it is tried, in every order of both sides' steps: in each, a batch that
 * was settled is seen by a sender; what was recorded is received or waits, and is received once a
 * build comes later; a repeat is byte-identical.
 */
const ledger = createLedger("every order of steps; events added up over all ends");

const root = mkdtempSync(path.join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "sendoff-"));
afterAll(() => rmSync(root, { recursive: true }));
vi.stubEnv("XDG_CONFIG_HOME", path.join(root, "config"));
vi.stubEnv("XDG_STATE_HOME", path.join(root, "state"));
for (const name of ["DO_NOT_TRACK", "ACME_TELEMETRY_DISABLED", "ACME_DEBUG_TELEMETRY"]) {
  vi.stubEnv(name, "");
}

const ground = createGround(
  resolveOptions({
    name: "acme",
    version: "1.1.3",
    endpoint: "http://127.0.0.1:9/v1/events",
    events: defineEvents({ ...buildEvents }),
    metadata: "full",
    sender: path.resolve("src/flush/main.ts"),
  }),
);
// Read once, or not at all: nothing here depends on it.
const places = { ...ground.subject.places, policies: [] };
const project = { ...ground.project(), packageFiles: [] };
Object.assign(ground, { subject: { ...ground.subject, places }, project: () => project });
const context = { anonymousId: null, projectHash: null, sessionId: "5".repeat(64) };
const base = batchBase(ground.options, context, ground.facts(), undefined);
for (const folder of [places.spool, places.backoff]) mkdirSync(folder, { recursive: true });

const event = {
  id: "6".repeat(36),
  eventName: "build:completed",
  timestamp: "2026-03-01T10:00:00.000Z",
  fields: {},
} as Parameters<OpenBatch["add"]>[1][number];

/** What a build does when its process ends. */
const build: Main = () => {
  const open = new OpenBatch(places.spool);
  open.add(base, [event]);
  const batchId = open.settle();
  if (batchId !== undefined) handOver(ground, { base, batchId, waitMs: 0 });
};

const sender = (task: string) => runSender(JSON.parse(task) as SenderTask);

/** A sender without a lock, as `flush` on the command line is. */
const flush: Main = () =>
  runSender({
    subject: ground.subject,
    projectFiles: [],
    consent: "opt-out",
    debug: "off",
    runStartedAt: epoch,
    ignoreBackoff: true,
  });

const leftBehind = "00000000-0000-4000-8000-000000000001";

/** A batch that an earlier build has left. */
const batch = {
  [path.relative(root, path.join(places.spool, `${leftBehind}_events.json`))]: JSON.stringify({
    ...base,
    batchId: leftBehind,
    content: { ...base.content, events: [event] },
  }),
};

const lock = (text: string) => ({ [path.relative(root, places.lock)]: text });
const lockOf = (since: number, acceptsUntil: number) =>
  lock(JSON.stringify({ token: "other", pid: process.pid, since, acceptsUntil }));

/** Calls that are steps. What lies between them is of no interest to the other side. */
const steps = {
  handOver:
    /^spawn|^(create|write|readFile|rename|unlink) .*\.lock$|^rename .*_events\.json$|^readdir .*spool$/,
  claims: /^(rename|unlink|exists|readFile) \S*_(events|claimed)\S*\.json( |$)|^readdir .*spool$/,
  attempts: /^request|^readdir .*spool$/,
};

/** What is known of each batch, by its id. */
function fact({ process, call, now, facts }: Call): string | undefined {
  const [what] = call.split(" ", 1);
  const [, id, kind, claimedAt] =
    /([0-9a-f-]{36})_(open|events|claimed)(?:\.(\d+)\.\w+)?\.json$/.exec(call) ?? [];
  if (what === "write" && kind === "open") return `recorded ${id}`;
  if (what === "rename" && kind === "events") return `settled ${id}`;
  if (what === "rename" && kind === "claimed") return `${process} at ${claimedAt} claimed ${id}`;
  if (what === "readFile" && kind === "events" && process.startsWith("sender")) return `seen ${id}`;
  if (what !== "request") return undefined;
  const batchId = call.slice(-36);
  const claims = [...facts].filter((one) => one.startsWith(process) && one.endsWith(batchId));
  const since = Math.max(...claims.map((claim) => Number(/ at (\d+)/.exec(claim)?.[1])));
  return now - since <= claimDeadAfterMs ? undefined : `sent too late ${batchId}`;
}

function known(facts: ReadonlySet<string>, what: string): string[] {
  return [...facts].filter((one) => one.startsWith(what)).map((one) => one.slice(-36));
}

interface Counts {
  recorded: ReadonlySet<string>;
  received: ReadonlySet<string>;
  waiting: ReadonlySet<string>;
}

function countsOf({ facts, files, posted }: End, isLeft: boolean): Counts {
  const waiting = [...files].flatMap(([name, text]) => {
    const [, id] = /([0-9a-f-]{36})_[\w.]+\.json$/.exec(name) ?? [];
    return id !== undefined && text.endsWith("}") ? [id] : [];
  });
  return {
    recorded: new Set([...known(facts, "recorded"), ...(isLeft ? [leftBehind] : [])]),
    received: new Set(posted.map((body) => (JSON.parse(body) as { batchId: string }).batchId)),
    waiting: new Set(waiting),
  };
}

async function check(end: End, isLeft: boolean): Promise<Counts> {
  const counts = countsOf(end, isLeft);
  const { recorded, received, waiting } = counts;
  expect(without(recorded, received, waiting), "lost").toEqual([]);
  expect(without(received, recorded), "received, but never recorded").toEqual([]);
  expect(new Set(end.posted).size, "requests less repeats").toBe(received.size);
  expect(known(end.facts, "sent too late"), "sent by one that had lost its claim").toEqual([]);
  if (!end.isKilled) {
    const unseen = without(known(end.facts, "settled"), known(end.facts, "seen"));
    expect(unseen, "fallen between").toEqual([]);
  }
  if (!end.isKilled && !end.isDisturbed) {
    expect(end.posted.length, "requests").toBe(recorded.size);
    expect([...end.files.keys()].filter((name) => /spool|lock/.test(name))).toEqual([]);
  }
  if (waiting.size > 0) {
    // Later than an abandoned batch, the back-off of a few failures, and a clock that was set back.
    const later = countsOf(await end.next(build, 72 * 60_000), isLeft);
    expect(without(later.recorded, later.received), "stuck").toEqual([]);
    expect([...later.waiting], "left behind").toEqual([]);
  }
  return counts;
}

function without(ids: Iterable<string>, ...others: Iterable<string>[]): string[] {
  const known = new Set(others.flatMap((other) => [...other]));
  return [...ids].filter((id) => !known.has(id));
}

type Case = Pick<Scenario, "builds"> & Partial<Scenario> & { steps?: RegExp };

/** Each order, or as many as chance may choose. */
async function explore(name: string, { steps: step = steps.handOver, ...given }: Case, walks = 0) {
  const isLeft = given.files === batch;
  const line = { recorded: 0, received: 0, waiting: 0, repeats: 0 };
  const explorer = new Explorer(root, {
    ...given,
    sender,
    fact,
    isStep: (call) => step.test(call),
    async check(end) {
      const { recorded, received, waiting } = await check(end, isLeft);
      line.recorded += recorded.size;
      line.received += without(received, waiting).length;
      line.waiting += waiting.size;
      line.repeats += end.posted.length - received.size;
    },
  });
  const explored = await (walks > 0
    ? explorer.walk(walks, seededRandom(name))
    : explorer.explore());
  ledger.add({ case: `${name}: ${told(explored, walks > 0)}`, ...line, repeatsIdentical: true });
  return explored;
}

function told({ schedules, states, ends }: Explored, isChance: boolean): string {
  const orders = schedules < 1e6 ? `${schedules}` : `${Math.round(schedules / 1e6)} million`;
  return `${isChance ? "chance chose" : "all"} ${orders} orders, ${states} states, ${ends} ends`;
}

const hour = 3_600_000;
/** Past what a lock without a pid has, what a sender accepts, and what a claim has. */
const pauses = [2100, 5100, 16_000];
const clockMoves = [-hour, hour];

const foundLocks: Record<string, Record<string, string>> = {
  "a lock past its time": lockOf(epoch - 5000, epoch),
  "a lock of a sender that died": lockOf(epoch - 13_000, epoch + 1000),
  "a lock of the future": lockOf(epoch + 1000, epoch + 6000),
  "a torn lock": lock('{"token":"oth'),
  "an empty lock": lock(""),
};

describe("no batch falls between a build that sees a live sender and one about to leave", () => {
  it("one build, everything that can happen to it and its sender", async () => {
    await explore("one build, a kill and a shift", {
      builds: [build],
      kills: 1,
      pauses,
      clockMoves,
    });
  });

  it("two builds, one of four processes killed at any step", async () => {
    const { senders } = await explore("two builds, a kill", { builds: [build, build], kills: 1 });
    expect(senders).toBe(2);
  });

  it.each(Object.entries(foundLocks))("%s", async (name, files) => {
    await explore(`${name}, one build, a kill`, { builds: [build], files, kills: 1 });
  });

  it("two builds that find the same stale lock", async () => {
    const files = foundLocks["a lock past its time"] as Record<string, string>;
    await explore("a stale lock, two builds", { builds: [build, build], files });
  });

  it("many builds, in orders that chance chooses", async () => {
    const case_ = { builds: [build, build, build], kills: 1, pauses, clockMoves };
    await explore("three builds, a kill and a shift", case_, isLong ? 1000 : 100);
  });
});

describe("two senders never both deliver a batch, but for a repeat after a take-over", () => {
  const builds: Main[] = [];
  const senders = [flush, flush];

  it("one of them killed at any step", async () => {
    await explore("two senders, a kill", {
      builds,
      senders,
      files: batch,
      steps: steps.claims,
      kills: 1,
    });
  });

  it("both frozen at any step, and woken late", async () => {
    await explore("two senders, frozen", {
      builds,
      senders,
      files: batch,
      steps: steps.claims,
      pauses: [16_000],
    });
  });
});

/** Not even registered: a skipped test fails CI. */
function notNow(): void {}

// Half an hour: `FAULTS=exhaustive npm run test:faults`.
(isExhaustive ? describe : notNow)("the same, with more of everything", () => {
  it.each(Object.entries(foundLocks))("%s, two builds", async (name, files) => {
    await explore(`${name}, two builds, a kill`, { builds: [build, build], files, kills: 1 });
  });

  it("two builds, while everything pauses for longer than a sender accepts", async () => {
    await explore("two builds, a pause", { builds: [build, build], pauses: [5100] });
  });

  it("two builds, while the clock is set back", async () => {
    await explore("two builds, the clock set back", {
      builds: [build, build],
      clockMoves: [-hour],
    });
  });

  it("a build, while a command flushes", async () => {
    await explore("flush and a build", { builds: [build], senders: [flush] });
  });

  it("two builds that end while a command's attempts are under way", async () => {
    await explore("attempts of flush, two builds", {
      builds: [build, build],
      senders: [flush],
      steps: steps.attempts,
    });
  });

  it("two senders, while the clock is set forward", async () => {
    await explore("two senders, the clock set forward", {
      builds: [],
      senders: [flush, flush],
      files: batch,
      steps: steps.claims,
      clockMoves: [hour],
    });
  });
});
