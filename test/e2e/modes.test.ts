import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { flushCommand, processesIn, senderGone, setUp } from "./harness.ts";

/** The little build tool with further options. */
async function setUpWith(options: Record<string, unknown>) {
  const place = await setUp();
  const PRODUCT_OPTIONS = JSON.stringify(options);
  return {
    ...place,
    build: (extra: Record<string, string> = {}, scenario = "completed") =>
      place.product(scenario, { PRODUCT_OPTIONS, ...extra }),
  };
}

describe("flushEvery", () => {
  it("starts a sender once in a while; builds in between only write", async () => {
    const { build, home, receiver } = await setUpWith({ flushEvery: 60_000 });
    await build(); // Shows the notice.
    await build();
    await receiver.waitForEvents(2);
    await senderGone(home.path);

    await build();
    const told = await build({ ACME_DEBUG_TELEMETRY: "1" });
    expect(told.stderr).toMatch(/no sender is started: the last one was started \d+ s ago/);
    expect(processesIn(home.path)).toEqual([]);
    expect(home.spool("acme")).toHaveLength(2);
    expect(receiver.events).toHaveLength(2);

    const lastStart = path.join(home.stateFolder("acme"), "last-start");
    utimesSync(lastStart, Date.now() / 1000, Date.now() / 1000 - 61);
    await build();
    await receiver.waitForEvents(5);
    await senderGone(home.path);
    expect(receiver.events).toHaveLength(5);
    expect(home.spool("acme")).toEqual([]);
  });

  it("does not wait after a clock was set back", async () => {
    const { build, home, receiver } = await setUpWith({ flushEvery: 60_000 });
    await build();
    await build();
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    const lastStart = path.join(home.stateFolder("acme"), "last-start");
    utimesSync(lastStart, Date.now() / 1000, Date.now() / 1000 + 3600);
    await build();
    await receiver.waitForEvents(3);
  });

  it("does not count in CI, where nothing comes after", async () => {
    const { build, home, receiver } = await setUpWith({ flushEvery: 60_000 });
    for (const count of [1, 2]) {
      await build({ CI: "true" });
      await receiver.waitForEvents(count);
      await senderGone(home.path);
    }
  });
});

describe("exitWait", () => {
  /** Longer than any build here takes. */
  const exitWait = 30_000;

  it("keeps an ephemeral place's build until its batch is delivered, and no longer", async () => {
    const { build, home, receiver } = await setUpWith({ exitWait });
    receiver.behave("accept", { delay: 500 });
    const startedAt = performance.now();
    const run = await build({ CI: "true" });
    expect(performance.now() - startedAt).toBeLessThan(exitWait);
    expect(run.stdout).toBe("building\nbuilt");
    expect(receiver.events).toHaveLength(1);
    expect(home.spool("acme")).toEqual([]);
  });

  it("is over when its time is up, with the exit code of the build", async () => {
    const { build, home, receiver } = await setUpWith({ exitWait: 1000 });
    receiver.behave("hang");
    const startedAt = performance.now();
    const run = await build({ CI: "true" }, "exit-3");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
    expect(processesIn(home.path), "the sender goes on").toHaveLength(1);
    expect(run.exitCode).toBe(3);
    expect(home.spool("acme")).toHaveLength(1);
    for (const pid of processesIn(home.path)) process.kill(pid, "SIGKILL");
  });

  it("is honoured where a build's failure is only known by the exit of its process", async () => {
    const { env, home, receiver } = await setUp();
    receiver.behave("accept", { delay: 500 });
    const script = `
      import { buildEvents, createTelemetry, defineEvents } from "sendoff";
      import sendoff from "sendoff/webpack";
      import webpack from "webpack";
      const telemetry = createTelemetry({
        name: "acme",
        version: "1.1.3",
        endpoint: "https://telemetry.acme.invalid/v1/events",
        events: defineEvents({ ...buildEvents }),
        exitWait: ${exitWait},
      });
      const exits = { apply: ({ hooks }) => hooks.make.tap("exits", () => process.exit(3)) };
      webpack({ entry: "./none.js", plugins: [sendoff({ telemetry }), exits] }, () => {});
    `;
    const run = await execa(process.execPath, ["--input-type=module", "--eval", script], {
      env: { ...env, CI: "true" },
      extendEnv: false,
      reject: false,
    });
    expect(run.exitCode).toBe(3);
    expect(receiver.events).toMatchObject([{ eventName: "build:failed" }]);
    expect(home.spool("acme")).toEqual([]);
  });

  it("is nothing where no sender can be started", async () => {
    const { build, home } = await setUpWith({ exitWait });
    const moved = path.join(home.path, "moved.cjs");
    writeFileSync(moved, 'process.execPath = "/no/longer/here/node";');
    const startedAt = performance.now();
    await build({ CI: "true", NODE_OPTIONS: `--require ${moved}` });
    expect(performance.now() - startedAt).toBeLessThan(exitWait);
    expect(home.spool("acme")).toHaveLength(1);
  });

  it("is nothing on a machine that persists", async () => {
    const { build, home, receiver } = await setUpWith({ exitWait });
    await build(); // Shows the notice.
    receiver.behave("hang");
    await build();
    expect(processesIn(home.path), "the sender goes on").toHaveLength(1);
    await receiver.waitForConnection();
    for (const pid of processesIn(home.path)) process.kill(pid, "SIGKILL");
  });
});

describe("local", () => {
  const localLines = (state: string) =>
    readFileSync(path.join(state, "local.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

  it("keeps apart what would have been sent, and never sends it", async () => {
    const { build, env, home, receiver } = await setUpWith({});
    const { "telemetry.anonymousId": id } = home.writePreferences("acme", {
      enabled: "local",
      notifiedAt: Date.now(),
    });
    const run = await build();
    await build({}, "three-flushes");
    expect(run.stdout).toBe("building\nbuilt");
    expect(home.spool("acme")).toEqual([]);
    const kept = localLines(home.stateFolder("acme"));
    const events = kept.flatMap(({ content }) => content.events);
    expect(events).toHaveLength(4);
    expect(events[0]).toMatchObject({ eventName: "build:completed", fields: { duration: 1235 } });
    for (const { timestamp } of events) expect(timestamp).toMatch(/T\d\d:00:00\.000Z$/);
    expect(kept[0].content.context).toMatchObject({ anonymousId: id });
    expect(kept[0].content.context.projectHash).toMatch(/^[0-9a-f]{64}$/);

    home.writePreferences("acme", { enabled: true });
    await build(); // Shows the notice.
    await build();
    await flushCommand(env);
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(2);
    const local = new Set(events.map((event) => event.id));
    expect(receiver.events.filter((event) => local.has(event.id))).toEqual([]);
    expect(localLines(home.stateFolder("acme"))).toEqual(kept);
  });

  it("keeps as much as of what is sent, and no more", async () => {
    const { build, home, receiver } = await setUpWith({});
    home.writePreferences("acme", { enabled: "local" });
    for (let i = 0; i < 5; i++) await build({}, "many");
    const file = path.join(home.stateFolder("acme"), "local.jsonl");
    expect(statSync(file).size).toBeLessThanOrEqual(256 * 1024);
    for (const { content } of localLines(home.stateFolder("acme"))) {
      expect(content.events.length).toBeLessThanOrEqual(100);
    }
    expect(processesIn(home.path)).toEqual([]);
    expect(receiver.connections).toBe(0);
  });

  it("is deleted by `disable`", async () => {
    const { build, home } = await setUpWith({});
    home.writePreferences("acme", { enabled: "local" });
    await build();
    await build({}, "disabled-meanwhile");
    expect(existsSync(path.join(home.stateFolder("acme"), "local.jsonl"))).toBe(false);
  });
});

describe("identity", () => {
  it("`none`: no id in anything, on the disk or on the way", async () => {
    const { build, home, receiver } = await setUpWith({ identity: "none" });
    await build();
    await build();
    await build({ CI: "true", GITHUB_ACTIONS: "true" });
    await receiver.waitForEvents(3);
    for (const { payload } of receiver.requests) {
      expect(payload.context).toEqual({ anonymousId: null, projectHash: null, sessionId: null });
    }
    const preferences = JSON.parse(readFileSync(home.preferencesFile("acme"), "utf8"));
    expect(Object.keys(preferences)).toEqual(["telemetry.notifiedAt"]);
  });

  it("is another one after `rotateDays`, and so is the project's, each for as long again", async () => {
    const { build, home, receiver } = await setUpWith({ rotateDays: 100 });
    const day = 24 * 60 * 60 * 1000;
    const identity = { anonymousId: "a".repeat(64), salt: "b".repeat(32) };
    home.writePreferences("acme", identity);
    await build(); // Shows the notice.
    const ages = [1, 99, 101, 199, 201, 1000];
    for (const [i, age] of ages.entries()) {
      home.writePreferences("acme", { ...identity, notifiedAt: Date.now() - age * day });
      const before = readFileSync(home.preferencesFile("acme"), "utf8");
      await build();
      await receiver.waitForEvents(i + 2);
      expect(readFileSync(home.preferencesFile("acme"), "utf8")).toBe(before);
    }
    const batches = receiver.requests.slice(-ages.length).map(({ payload }) => payload.context);
    const [young, old, renewed, stillRenewed, again, later] = batches.map(
      ({ anonymousId, projectHash }) => ({ anonymousId, projectHash }),
    );
    expect(young).toEqual(old);
    expect(young?.anonymousId).toBe(identity.anonymousId);
    expect(renewed).toEqual(stillRenewed);
    const distinct = [young, renewed, again, later];
    for (const key of ["anonymousId", "projectHash"] as const) {
      const values = distinct.map((ids) => ids?.[key]);
      expect(new Set(values).size).toBe(4);
      for (const value of values) expect(value).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});
