import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { SteadyBehaviour } from "sendoff/testing";
import { describe, it } from "vitest";
import { fixture, processesIn, senderGone } from "../e2e/harness.ts";
import { createScene, type Fault, faults, type Trouble } from "./endpoint-faults.ts";
import { createLedger, isLong, seededRandom, tally, waitingIn } from "./harness.ts";

/**
 * Whatever an endpoint does: a build is over before there is any answer, the sender is gone twelve
 * seconds later, and every event is at the endpoint or waits.
 */
const ledger = createLedger("endpoint faults", { isSorted: true });

const bin = fileURLToPath(new URL("../../dist/bin.mjs", import.meta.url));
/** An attempt's: a build that waited for an answer would take this much longer. */
const attemptMs = 5_000;

type Hooks = { onTestFinished(end: () => Promise<void>): void };

/** Everything of one case; its end is the test's. */
async function enter(fault: Fault, { onTestFinished }: Hooks) {
  const scene = await createScene();
  onTestFinished(() => scene.end());
  const trouble: Trouble = await fault.begin(scene);
  const { home, receiver } = scene;
  const [command = process.execPath, ...before] = [...(trouble.prefix ?? []), process.execPath];
  const run = (args: string[], extra: Record<string, string> = {}) =>
    execa(command, [...before, ...args], {
      env: { ...home.env, ...trouble.env, ...extra },
      extendEnv: false,
      reject: false,
    });
  /** That of the one sink. */
  const backoffFile = () => {
    const folder = path.join(home.stateFolder("acme"), "backoff");
    const [file = "none"] = existsSync(folder) ? readdirSync(folder) : [];
    return path.join(folder, file);
  };
  return {
    ...scene,
    trouble,
    build: (scenario = "completed", extra: Record<string, string> = {}) =>
      run([fixture("product.mjs"), scenario], extra),
    flush: () => run([bin, "flush", "--name", "acme"]),
    waiting: () => home.spool("acme").length,
    /** Enters the state of now in the ledger. */
    account(name: string, recorded: number) {
      ledger.add({ case: name, recorded, ...tally(receiver.requests, home.spool("acme")) });
    },
    backoffFile,
    backoff(): { failures: number; until: number } | undefined {
      const file = backoffFile();
      return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
    },
  };
}

const accepts: Fault = {
  name: "",
  fate: "received",
  begin: ({ receiver }) => ({ env: { ACME_TELEMETRY_ENDPOINT: receiver.url } }),
};

describe.concurrent("a sender with much to do", () => {
  it("is gone in time where the endpoint takes four seconds for each request", async (context) => {
    const { expect } = context;
    const { account, build, flush, home, receiver } = await enter(accepts, context);
    receiver.behave("accept", { delay: 4_000 });
    await build("many");
    for (let i = 0; i < 4; i++) await build("many");
    await senderGone(home.path);
    account("answers after 4 s", 1250);
    const taken = receiver.requests.length;
    expect(home.spool("acme")).not.toEqual([]);

    receiver.behave("accept");
    await flush();
    account("answers after 4 s, then over", 1250);
    expect(receiver.requests.length).toBeGreaterThan(taken);
    expect(receiver.uniqueEvents).toHaveLength(1250);
  });

  it("asks an endpoint that fails no more than once, and once again", async (context) => {
    const { expect } = context;
    const { build, flush, home, receiver } = await enter(accepts, context);
    await build("many");
    receiver.behave({ status: 500 });
    expect((await flush()).exitCode).toBe(1);
    expect(home.spool("acme").length).toBeGreaterThanOrEqual(3);
    expect(receiver.requests).toHaveLength(2);
  });
});

describe.concurrent("an endpoint that does something else each time", () => {
  const builds = isLong ? 150 : 20;
  it(`loses nothing of ${builds} builds`, async (context) => {
    const { expect } = context;
    const { account, backoffFile, build, home, line, receiver, ...scene } = await enter(
      accepts,
      context,
    );
    const random = seededRandom("weather");
    const one = <Thing>(things: readonly Thing[]) =>
      things[Math.floor(random() * things.length)] as Thing;
    /** Events that the endpoint has said it has, or will never take. */
    const settled = new Set<string>();
    receiver.behave(({ payload: { events } }): SteadyBehaviour => {
      const status = one([202, 202, 202, 202, 202, 202, 500, 503, 429, 404, 302, 413]);
      if (status === 202 || (status === 413 && events.length === 1)) {
        for (const { id } of events) settled.add(id);
      }
      return { status, headers: { "retry-after": one(["0", "1", "2", "soon"]) } };
    });
    const way = await line();
    way.tamper((answer, sender) => {
      const trouble = one([
        "none",
        "none",
        "none",
        "none",
        "none",
        "none",
        "none",
        "none",
        "cut",
        "silence",
      ]);
      if (trouble === "none") sender.write(answer);
      if (trouble === "cut") sender.write(answer.subarray(0, 10), () => sender.destroy());
    });
    const run = (scenario: string) =>
      build(scenario, { ACME_TELEMETRY_ENDPOINT: `http://127.0.0.1:${way.port}/v1/events` });

    let recorded = 0;
    for (let done = 0; done < builds; ) {
      const scenarios = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
        one(["completed", "exit-3", "three-flushes"]),
      );
      for (const scenario of scenarios) recorded += scenario === "three-flushes" ? 3 : 1;
      await Promise.all(scenarios.map(run));
      done += scenarios.length;
      // As if the time of both had passed.
      rmSync(backoffFile(), { force: true });
      rmSync(path.join(home.stateFolder("acme"), "sender.lock"), { force: true });
    }
    await senderGone(home.path);
    account(`whatever comes, ${builds} builds`, recorded);
    const waiting = new Set(home.spool("acme").flatMap(waitingIn));
    for (const { id } of receiver.uniqueEvents) {
      expect(settled.has(id) || waiting.has(id), `${id} is settled or waits`).toBe(true);
    }

    way.tamper();
    receiver.behave("accept");
    expect((await scene.flush()).exitCode).toBe(0);
    account(`whatever comes, ${builds} builds, then over`, recorded);
    expect(receiver.uniqueEvents).toHaveLength(recorded);
    expect(home.spool("acme")).toEqual([]);
  });
});

describe.concurrent("nothing is lost, and no build waits, when there is", () => {
  for (const fault of faults) {
    const test = fault.missing ? it.skip : it;
    const name = fault.missing ? `${fault.name} (needs ${fault.missing})` : fault.name;
    test(name, async (context) => {
      const { expect } = context;
      const scene = await enter(fault, context);
      const { account, build, flush, home, open, receiver, trouble, waiting } = scene;

      await build(); // Shows the notice, and starts no sender.
      const first = await build();
      const [plain, ...others] = await Promise.all([
        build("completed", { ACME_TELEMETRY_DISABLED: "1" }),
        build(),
        build(),
      ]);
      // Up to here nobody was answered.
      for (const run of [first, ...others]) {
        expect(run).toMatchObject({ exitCode: 0, stdout: "building\nbuilt", stderr: "" });
        expect(run.durationMs).toBeLessThan(plain.durationMs + attemptMs);
      }
      open();
      await senderGone(home.path);
      account(fault.name, 4);
      expect(waiting()).toBe(fault.fate === "waits" ? 4 : 0);
      // The first failure ended it for all four: the endpoint was not asked again for each.
      if (fault.requests !== undefined) expect(receiver.requests).toHaveLength(fault.requests);

      if (!trouble.heal || fault.fate === "received") return;
      await trouble.heal();
      expect((await flush()).exitCode).toBe(0);
      account(`${fault.name}, then over`, 4);
      expect(waiting()).toBe(0);
      expect(receiver.uniqueEvents).toHaveLength(4);
      expect(processesIn(home.path)).toEqual([]);
    });
  }
});

describe.concurrent("an answer that says more", () => {
  it("413: the same events in smaller requests", async (context) => {
    const { expect } = context;
    const { account, build, home, receiver } = await enter(accepts, context);
    receiver.behave(({ payload }) => ({ status: payload.events.length > 1 ? 413 : 202 }));
    await build("three-flushes");
    await build();
    await senderGone(home.path);
    account("413", 4);
    expect(home.spool("acme")).toEqual([]);
    expect(receiver.requests).toHaveLength(1 + 2 + 2 + 1);
  });

  it("413 for a single event: that one is dropped", async (context) => {
    const { expect } = context;
    const { account, build, home, receiver } = await enter(accepts, context);
    await build("three-flushes");
    const tooLarge = home.spool("acme")[0]?.batch?.content?.events[1]?.id;
    receiver.behave(({ payload }) => ({
      status: payload.events.some(({ id }) => id === tooLarge) ? 413 : 202,
    }));
    await build();
    await senderGone(home.path);
    account("413, for one of three", 4);
    expect(home.spool("acme")).toEqual([]);
    const taken = receiver.requests.filter(({ payload }) =>
      payload.events.every(({ id }) => id !== tooLarge),
    );
    expect(taken.flatMap(({ payload }) => payload.events)).toHaveLength(3);
  });

  it("410: nothing more is sent, nor recorded", async (context) => {
    const { expect } = context;
    const { account, build, home, receiver, waiting } = await enter(accepts, context);
    receiver.behave({ status: 410 });
    await build();
    await build();
    await senderGone(home.path);
    account("410", 2);
    expect(receiver.requests).toHaveLength(1);
    await build();
    expect(processesIn(home.path)).toEqual([]);
    expect(waiting()).toBe(1);
  });

  it("a short Retry-After is waited for, and the batch taken by the same sender", async (context) => {
    const { expect } = context;
    const { account, backoff, build, home, receiver } = await enter(accepts, context);
    receiver.behave((_request, index) =>
      index === 0 ? { status: 429, headers: { "retry-after": "1" } } : "accept",
    );
    await build();
    await build();
    await senderGone(home.path);
    account("429, Retry-After: 1, once", 2);
    expect(home.spool("acme")).toEqual([]);
    const [first, second] = receiver.requests.map(({ receivedAt }) => receivedAt.getTime());
    expect((second as number) - (first as number)).toBeGreaterThanOrEqual(1000);
    expect(backoff()).toBeUndefined();
  });

  it("a short Retry-After, again and again, does not cut the back-off short", async (context) => {
    const { expect } = context;
    const { backoff, build, home, receiver } = await enter(accepts, context);
    const seen: unknown[] = [];
    receiver.behave(() => {
      seen.push(backoff());
      return { status: 429, headers: { "retry-after": "0" } };
    });
    await build();
    await build();
    await senderGone(home.path);
    // Written before the attempt, so that a sender that is killed in the middle counts as well.
    expect(seen).toEqual([backoff(), backoff()]);
    expect(backoff()).toMatchObject({ failures: 1, until: expect.any(Number) });
  });

  it("a long Retry-After becomes the back-off: until then no sender is started", async (context) => {
    const { expect } = context;
    const scene = await enter(accepts, context);
    const { account, backoff, backoffFile, build, home, receiver } = scene;
    receiver.behave({ status: 429, headers: { "retry-after": "3600" } });
    await build();
    await build();
    await senderGone(home.path);
    const pauseMs = (backoff()?.until ?? 0) - Date.now();
    expect(pauseMs).toBeGreaterThan(3_600_000 - 30_000);
    expect(pauseMs).toBeLessThanOrEqual(3_600_000);

    receiver.behave("accept");
    await build();
    expect(processesIn(home.path)).toEqual([]);
    account("429, Retry-After: 3600, within", 3);
    expect(receiver.requests).toHaveLength(1);

    // An hour later.
    writeFileSync(backoffFile(), JSON.stringify({ ...backoff(), until: Date.now() - 1 }));
    await build();
    await senderGone(home.path);
    account("429, Retry-After: 3600, within, then over", 4);
    expect(receiver.uniqueEvents).toHaveLength(4);
    expect(backoff()).toBeUndefined();
  });
});
