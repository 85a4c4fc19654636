import { once } from "node:events";
import path from "node:path";
import { execa } from "execa";
import { isolatedHome, startReceiver } from "sendoff/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixture, senderGone, setUp } from "./harness.ts";

/**
 * What a process is like that was interrupted or died, with `watchProcess()` and without any
 * telemetry. All cases share one home, whose senders serve them as they come; each has a number,
 * which its event carries.
 */
describe("a build that is cut short", () => {
  let number = 0;
  let expected = 2; // Those of the run that showed the notices.
  let place: Awaited<ReturnType<typeof openPlace>>;

  async function openPlace() {
    const [home, receiver] = [isolatedHome(), await startReceiver()];
    for (const name of ["acme", "beta"]) home.writePreferences(name, {});
    const endpoints = {
      ACME_TELEMETRY_ENDPOINT: receiver.url,
      BETA_TELEMETRY_ENDPOINT: receiver.url,
    };
    const env = { ...home.env, ...endpoints, ACME_EXAMPLE_OUT: path.join(home.path, "out") };
    // Shows the notices.
    await run(env, [fixture("watched.mjs"), "completes", "two-products", "1000"]);
    return { home, receiver, env };
  }

  beforeAll(async () => {
    place = await openPlace();
  });
  afterAll(async () => {
    await place.receiver.stop();
    await senderGone(place.home.path);
    place.home.remove();
  });

  /** Runs both, and returns the fields of what the watched one has recorded. */
  async function compare(
    [file, ...args]: readonly [string, ...string[]],
    signal?: NodeJS.Signals,
    events = 1,
  ) {
    number += 1;
    expected += events;
    const runAs = (name: number) => run(place.env, [fixture(file), ...args, String(name)], signal);
    const plain = await runAs(0);
    const watched = await runAs(number);
    expect(watched).toEqual(plain);
    const mine = () => place.receiver.events.filter(({ fields }) => fields.case === number);
    await expect.poll(mine, { timeout: 20_000, interval: 20 }).toHaveLength(events);
    return mine().map(
      ({ eventName, fields }): Record<string, unknown> => ({ eventName, ...fields }),
    );
  }

  const aborted = { eventName: "build:failed", success: false, errorType: "Aborted" };

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("by %s dies of it", async (signal) => {
    expect(await compare(["watched.mjs", "signal", "none"], signal)).toMatchObject([aborted]);
  });

  it.each([
    ["exits with a code of its own", "exits"],
    ["exits later", "exits-later"],
    ["raises it again", "re-raises"],
    ["raises it again later", "re-raises-later"],
    ["is signal-exit's, which waits to be the only one", "signal-exit"],
  ])("by a signal of which a listener %s ends as it says", async (_, others) => {
    expect(await compare(["watched.mjs", "signal", others], "SIGINT")).toMatchObject([aborted]);
    expect(await compare(["watched.mjs", "signal", others], "SIGTERM")).toMatchObject([aborted]);
  });

  it("by a signal, and records its failure itself, is one event", async () => {
    const told = await compare(["watched.mjs", "signal", "fails-after"], "SIGINT");
    expect(told).toMatchObject([{ ...aborted, bundler: "esbuild" }]);
  });

  it("by a signal of which a listener lets it go on is what became of it", async () => {
    const told = await compare(["watched.mjs", "signal", "goes-on"], "SIGINT");
    expect(told).toMatchObject([{ eventName: "build:completed", success: true }]);
  });

  it.each([
    ["an error that nobody caught", "throws", "none", "TypeError"],
    ["an error in a timer", "throws-later", "none", "ERR_MODULE_NOT_FOUND"],
    ["a rejection that nobody handled", "rejects", "none", "RangeError"],
    ["an error, after which a listener exits", "throws", "catches", "TypeError"],
    ["a rejection, after which a listener exits", "rejects", "handles", "UnknownError"],
    ["process.exit(1)", "exits", "none", "UnknownError"],
    ["an exit code", "exit-code", "none", "UnknownError"],
    ["the exit code of a child that was killed", "exits-as-killed", "none", "Aborted"],
  ])("by %s is recorded as failed, without a word of it", async (_, ending, others, errorType) => {
    const told = await compare(["watched.mjs", ending, others]);
    expect(told).toMatchObject([{ eventName: "build:failed", success: false, errorType }]);
    expect(JSON.stringify(told)).not.toContain("secret");
  });

  it("by an error of which a listener saves it is what became of it", async () => {
    const told = await compare(["watched.mjs", "throws", "saves"]);
    expect(told).toMatchObject([{ eventName: "build:completed", success: true }]);
  });

  it.each([
    ["signal", "SIGINT", "Aborted"],
    ["throws", undefined, "TypeError"],
  ] as const)(
    "and is watched by two products is told to both (%s)",
    async (ending, signal, type) => {
      const told = await compare(["watched.mjs", ending, "two-products"], signal, 2);
      const versions = told.map(({ errorType, productVersion }) => [errorType, productVersion]);
      expect(versions.sort()).toEqual([
        [type, "1.1.3"],
        [type, "2.0.0"],
      ]);
    },
  );

  it("after its own event is that event", async () => {
    const told = await compare(["watched.mjs", "completes-then-throws", "none"]);
    expect(told).toMatchObject([{ eventName: "build:completed" }]);
  });

  it("is nothing to tell where the process ends well", async () => {
    expect(await compare(["watched.mjs", "exits-well", "none"], undefined, 0)).toEqual([]);
  });

  // The plugin knows more of a build, and `watchProcess()` of its end.
  const failed = { eventName: "build:failed", success: false };
  it.each([
    ["esbuild", "completes", undefined, { eventName: "build:completed", bundler: "esbuild" }],
    ["esbuild", "hangs-then-exits", "SIGINT", { ...aborted, bundler: "esbuild" }],
    ["webpack", "completes", undefined, { eventName: "build:completed", bundler: "webpack" }],
    ["webpack", "breaks", undefined, { ...failed, errorType: "ModuleNotFoundError" }],
    ["webpack", "hangs", "SIGINT", aborted],
    ["webpack", "hangs-then-exits", "SIGINT", { ...aborted, bundler: "webpack" }],
    ["webpack", "hangs-then-exits-as-killed", "SIGINT", aborted],
    ["webpack", "throws-meanwhile", undefined, { ...failed, errorType: "RangeError" }],
    ["webpack", "exits-meanwhile", undefined, { ...failed, errorType: "UnknownError" }],
  ] as const)("while %s runs and %s is one event", async (bundler, ending, signal, event) => {
    expect(await compare(["watched-bundler.mjs", bundler, ending], signal)).toMatchObject([event]);
  });

  it("is recorded once, whatever happened", async () => {
    await senderGone(place.home.path);
    expect(place.receiver.uniqueEvents).toHaveLength(expected);
  });
});

describe("a build that is ended right after its flush", () => {
  it.each([
    ["in a worker thread that is terminated", "worker"],
    ["in a child process that is killed", "child"],
  ])("%s is not lost", async (_, where) => {
    const { env, home, receiver, product } = await setUp();
    await product("completed");
    await run(env, [fixture("workers.mjs"), where]);
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(receiver.events).toHaveLength(2);
    expect(home.spool("acme")).toEqual([]);
  });
});

interface End {
  exitCode: number | undefined;
  signal: string | undefined;
  stdout: string;
  stderr: string;
}

/** The signal is sent when the process has said something. */
async function run(
  env: Record<string, string>,
  args: readonly string[],
  signal?: NodeJS.Signals,
): Promise<End> {
  const limits = { timeout: 20_000, killSignal: "SIGKILL" } as const;
  const child = execa(process.execPath, args, { env, extendEnv: false, reject: false, ...limits });
  if (signal) {
    await once(child.stdout, "data");
    child.kill(signal);
  }
  const { exitCode, signal: diedOf, stdout, stderr } = await child;
  return { exitCode, signal: diedOf, stdout, stderr };
}
