import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { SteadyBehaviour } from "sendoff/testing";
import { describe, it, type TestContext } from "vitest";
import { fixture, flushCommand, processesIn, senderGone, setUp } from "../e2e/harness.ts";
import { timePasses } from "../e2e/time-passes.ts";
import { createLedger, isLong, seededRandom, tally } from "./harness.ts";

/**
 * A sender's life, step by step: at each of its changes to the disk, or while it waits for the
 * endpoint, it is killed or somebody turns telemetry off.
 */
const ledger = createLedger("a sender's steps", { isSorted: true });

const disable = [
  fileURLToPath(new URL("../../dist/bin.mjs", import.meta.url)),
  ...["disable", "--name", "acme"],
];
const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

async function enter({ expect, ...hooks }: TestContext) {
  const place = await setUp(hooks);
  const { env, home, product, receiver } = place;
  const state = home.stateFolder("acme");
  const trace = path.join(home.path, "trace");
  const traced = () => readFileSync(trace, "utf8").trimEnd().split("\n");
  await product("completed"); // Shows the notice.
  await flushCommand(env);
  return {
    ...place,
    state,
    traced,
    /** What the next sender will find: events of builds that died, and a day's counts. */
    async leaveWork(died: number) {
      await Promise.all(Array.from({ length: died }, () => product("die")));
      timePasses(state);
      mkdirSync(path.join(state, "rollups"), { recursive: true });
      writeFileSync(path.join(state, "rollups", `${yesterday}.log`), "rebuild 0\n".repeat(20));
      return died + 1;
    },
    /** A build, whose sender comes as far as this step, and runs a command there or is killed. */
    async buildWith(step: number, runs?: readonly string[]) {
      writeFileSync(trace, "");
      await product("completed", {
        PRODUCT_OPTIONS: JSON.stringify({ sender: fixture("stepping-sender.mjs") }),
        SENDER_STEP: String(step),
        SENDER_TRACE: trace,
        ...(runs && { SENDER_RUNS: JSON.stringify(runs) }),
      });
      await senderGone(home.path);
      return 1;
    },
    async waitUntilSent(events: number) {
      const left = () => [receiver.uniqueEvents.length, home.spool("acme").length];
      await expect.poll(left, { timeout: 20_000, interval: 20 }).toEqual([events, 0]);
      // It would serve the next builds, too.
      for (const pid of processesIn(home.path)) process.kill(pid, "SIGKILL");
      await senderGone(home.path);
    },
    turnOff: () => execa(process.execPath, disable, { env, extendEnv: false }),
    /** What `disable` deletes, and nothing may write back. */
    leftovers() {
      const kept = ["spool", "rollups"].flatMap((name) => {
        const folder = path.join(state, name);
        return existsSync(folder) ? readdirSync(folder) : [];
      });
      return [...kept, ...readdirSync(state).filter((name) => /^(sent|local)\.jsonl/.test(name))];
    },
    account(name: string, recorded: number) {
      ledger.add({ case: name, recorded, ...tally(receiver.requests, home.spool("acme")) });
    },
  };
}

/**
 * All of them in the long form; in the short those that make folders, and some, other ones in each
 * run.
 */
function pick(steps: readonly string[], name: string, some: number): number[] {
  const random = seededRandom(name);
  const all = steps.map((_, i) => i + 1);
  if (isLong) return all;
  const making = all.filter((step) => steps[step - 1]?.startsWith("mkdirSync"));
  return [...making, ...all.sort(() => random() - 0.5).slice(0, some)];
}

describe.concurrent("a sender", () => {
  it("may be killed at any of its steps: nothing is lost, and a repeat is the same", async (context) => {
    const { expect } = context;
    const { account, buildWith, leaveWork, product, state, traced, waitUntilSent } =
      await enter(context);
    let recorded = 1 + (await leaveWork(2)) + (await buildWith(0));
    await waitUntilSent(recorded);
    const steps = traced();
    expect(steps.length).toBeGreaterThan(40);
    for (const step of pick(steps, "killed", 5)) {
      recorded += await leaveWork(2);
      recorded += await buildWith(step);
      timePasses(state);
      await product("completed");
      recorded += 1;
      await waitUntilSent(recorded);
    }
    account(`killed at ${isLong ? "each" : "some"} of ${steps.length} steps`, recorded);
  });
});

describe.concurrent("turning telemetry off", () => {
  it("at any step of a sender ends it: nothing is sent and nothing written back", async (context) => {
    const { expect } = context;
    const { buildWith, home, leaveWork, leftovers, receiver, traced } = await enter(context);
    // One request after the other: what is under way can't be called back.
    await leaveWork(0);
    await buildWith(0);
    const steps = traced();
    for (const step of pick(steps, "disabled", 5)) {
      home.writePreferences("acme", {});
      await leaveWork(0);
      await buildWith(step, disable);
      const [, ranAt] = /^ran (\d+)$/m.exec(traced().join("\n")) ?? [];
      const late = receiver.requests.filter(({ receivedAt }) => Number(receivedAt) > Number(ranAt));
      expect({ step: traced()[step - 1], late: late.length, left: leftovers() }).toEqual({
        step: traced()[step - 1],
        late: 0,
        left: [],
      });
    }
  });

  it.for<[string, SteadyBehaviour]>([
    ["202", { status: 202 }],
    ["503, and so before the retry", { status: 503 }],
    ["429 with Retry-After", { status: 429, headers: { "retry-after": "1" } }],
    ["413", { status: 413 }],
    ["404", { status: 404 }],
    ["410", { status: 410 }],
    ["no answer", "hang"],
    ["a reset", "refuse"],
  ])("while a request is under way that ends with %s: the same", async ([, ending], context) => {
    const { expect } = context;
    const { home, leaveWork, leftovers, product, receiver, turnOff } = await enter(context);
    await leaveWork(2);
    const before = receiver.requests.length;
    receiver.behave(async () => {
      await turnOff();
      return ending;
    });
    await product("completed");
    await receiver.waitForRequests(before + 1);
    await senderGone(home.path);
    expect(receiver.requests).toHaveLength(before + 1);
    expect(leftovers()).toEqual([]);
    // Nor is anything recorded from now on.
    await product("completed");
    expect(leftovers()).toEqual([]);
    expect(receiver.requests).toHaveLength(before + 1);
  });
});
