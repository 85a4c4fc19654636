import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { fixture, processesIn, senderGone, setUp } from "./harness.ts";
import { timePasses } from "./time-passes.ts";

const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

async function setUpCounter() {
  const place = await setUp();
  const { env, home, receiver } = place;
  const folder = path.join(home.stateFolder("acme"), "rollups");
  const counter = (args: readonly string[], extra: Record<string, string> = {}) =>
    execa(process.execPath, [fixture("counter.mjs"), ...args], {
      env: { ...env, ...extra },
      extendEnv: false,
      reject: false,
    });
  return {
    ...place,
    folder,
    counter,
    /** A build, whose sender takes what is complete. */
    build: (extra?: Record<string, string>) => counter(["rebuild", "0", "build"], extra),
    /** As midnight would. */
    dayPasses: () => {
      const [name] = readdirSync(folder);
      renameSync(path.join(folder, name as string), path.join(folder, `${yesterday}.log`));
    },
    /** Without the ids. */
    rollups: () =>
      receiver.uniqueEvents
        .filter(({ eventName }) => eventName === "usage:rollup")
        .map(({ timestamp, fields }) => ({ timestamp, ...fields })),
  };
}

const rollup = (name: string, count: number, errors: number) => ({
  timestamp: `${yesterday}T00:00:00.000Z`,
  name,
  count,
  errors,
  productVersion: "1.1.3",
});

describe("what is counted", () => {
  it("by many processes at once, killed or not, goes out as one event a name and day", async () => {
    const { build, counter, dayPasses, folder, home, receiver, rollups } = await setUpCounter();
    await build();
    const endings = ["killed", "exits", "ends"];
    const runs = Array.from({ length: 12 }, (_, i) =>
      counter([i % 4 === 0 ? "click" : "rebuild", "50", endings[i % 3] as string]),
    );
    const ends = await Promise.all(runs);
    expect(new Set(ends.map(({ exitCode, signal }) => signal ?? exitCode))).toEqual(
      new Set(["SIGKILL", 3, 0]),
    );
    await build(); // Today's counts stay where they are.
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(rollups()).toEqual([]);

    dayPasses();
    await build();
    await receiver.waitForEvents(5);
    await senderGone(home.path);
    expect(rollups()).toHaveLength(2);
    expect(rollups()).toEqual(
      expect.arrayContaining([rollup("rebuild", 450, 45), rollup("click", 150, 15)]),
    );
    expect(receiver.events).toHaveLength(5);
    expect(readdirSync(folder)).toEqual([]);
    const sent = receiver.requests.find(({ body }) => body.includes("usage:rollup"));
    expect(sent?.payload.context).toMatchObject({ projectHash: null, sessionId: null });
  });

  it("under a name that is not defined is dropped, and debug says so", async () => {
    const { counter, home } = await setUpCounter();
    const { stderr } = await counter(["secretName", "1", "ends"], { ACME_DEBUG_TELEMETRY: "1" });
    expect(stderr).toContain('count "secretName" is not defined; defined are rebuild, click');
    expect(home.files()).toEqual([]);
  });

  it("by a version that knew other names is `other` for this one", async () => {
    const { build, folder, counter, receiver, rollups } = await setUpCounter();
    await counter(["rebuild", "3", "build"]);
    writeFileSync(
      path.join(folder, `${yesterday}.log`),
      "rebuild 0\nformerName 1\nolderName 0\ntorn",
    );
    await build();
    await receiver.waitForEvents(4);
    expect(rollups()).toEqual([rollup("rebuild", 1, 0), rollup("other", 2, 1)]);
  });

  it.each([
    ["a variable", { DO_NOT_TRACK: "1" }],
    ["the product", { PRODUCT_OPTIONS: '{"enabled":false}' }],
  ])("while it is turned off by %s is nothing", async (_, extra) => {
    const { counter, home } = await setUpCounter();
    await counter(["rebuild", "3", "ends"], extra as Record<string, string>);
    expect(home.files()).toEqual([]);
  });

  it("while the preferences say off is nothing", async () => {
    const { counter, folder, home } = await setUpCounter();
    home.writePreferences("acme", { enabled: false });
    await counter(["rebuild", "3", "ends"]);
    expect(existsSync(folder)).toBe(false);
  });

  it("is counted once, at whatever step its sender is killed", async () => {
    const { build, counter, dayPasses, folder, home, receiver } = await setUpCounter();
    await build(); // Shows the notice.
    const state = home.stateFolder("acme");
    const trace = path.join(home.path, "trace");
    const dying = { PRODUCT_OPTIONS: JSON.stringify({ sender: fixture("stepping-sender.mjs") }) };
    // With the ninth, the day's batch is settled, and like any other from there on.
    for (let step = 1; step <= 9; step++) {
      rmSync(path.join(state, "spool"), { recursive: true, force: true });
      timePasses(state);
      const before = receiver.requests.length;
      await counter(["rebuild", "20", "ends"]);
      dayPasses();
      writeFileSync(trace, "");
      await build({ ...dying, SENDER_STEP: String(step), SENDER_TRACE: trace });
      await senderGone(home.path);
      expect(readFileSync(trace, "utf8").trimEnd().split("\n")).toHaveLength(step);
      timePasses(state);
      await build();
      const requests = () => receiver.requests.slice(before);
      const events = () => requests().flatMap(({ payload }) => payload.events);
      const unique = () => [...new Map(events().map((event) => [event.id, event])).values()];
      await expect.poll(() => unique().length, { timeout: 20_000, interval: 20 }).toBe(3);
      for (const pid of processesIn(home.path)) process.kill(pid, "SIGKILL");
      await senderGone(home.path);
      const counted = unique().filter(({ eventName }) => eventName === "usage:rollup");
      expect(counted.map(({ fields }) => [fields.count, fields.errors])).toEqual([[20, 2]]);
      const bodies = new Map(requests().map(({ body, payload }) => [payload.batchId, body]));
      for (const { body, payload } of requests()) expect(body).toBe(bodies.get(payload.batchId));
    }
    expect(readFileSync(trace, "utf8")).toContain(`unlinkSync ${folder}`);
  });
});
