import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { trackBuild } from "../../src/plugin/build-run.ts";
import type { BuildOutcome } from "../../src/plugin/describe.ts";
import { checkOptions, guard, type PluginOptions } from "../../src/plugin/options.ts";
import { fakeTelemetry, only } from "./plugin-telemetry.ts";

const bundler = { name: "webpack", version: "5.112.2", mode: "production" };
const succeeded =
  (outcome: Partial<BuildOutcome> = {}) =>
  (): BuildOutcome => ({
    success: true,
    outputSize: 100,
    modulesCount: 3,
    ...(outcome as object),
  });
const failed = (error: unknown) => (): BuildOutcome => ({ success: false, error });

function setUp(options: Partial<PluginOptions> = {}) {
  const telemetry = fakeTelemetry();
  const track = (more: Partial<PluginOptions> = {}) => {
    const build = trackBuild({ telemetry, ...options, ...more }, bundler);
    if (build === undefined) throw new Error("telemetry is off");
    return build;
  };
  return { telemetry, track };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a one-off build is one event, on disk when the bundler hears back", () => {
  const { telemetry, track } = setUp();
  const build = track();
  build.start(false);
  vi.advanceTimersByTime(250);
  build.end(succeeded());
  expect(telemetry.calls).toEqual(["record", "flush build"]);
  expect(only(telemetry.events)).toEqual({
    eventName: "build:completed",
    fields: {
      success: true,
      duration: 250,
      bundler: "webpack",
      bundlerVersion: "5.112.2",
      mode: "production",
      watch: false,
      nodeVersion: process.versions.node,
      outputSize: 100,
      modulesCount: 3,
    },
  });
  vi.advanceTimersByTime(60_000);
  expect(telemetry.calls).toEqual(["record", "flush build"]);
});

test("a failed build tells phase and type, and no sizes", () => {
  const { telemetry, track } = setUp();
  const build = track();
  build.start(false);
  build.end(failed(Object.assign(new Error("secret"), { name: "ModuleNotFoundError" })));
  const event = only(telemetry.events);
  expect(event.eventName).toBe("build:failed");
  expect(event.fields).toMatchObject({
    success: false,
    errorPhase: "resolve",
    errorType: "ModuleNotFoundError",
  });
  expect(event.fields).not.toHaveProperty("outputSize");
  expect(JSON.stringify(event)).not.toContain("secret");
});

describe("several compilers in a process are one event", () => {
  test("compilers that overlap", () => {
    const { telemetry, track } = setUp();
    const [client, server] = [track(), track()];
    client.start(false);
    vi.advanceTimersByTime(100);
    server.start(false);
    vi.advanceTimersByTime(100);
    client.end(succeeded());
    expect(telemetry.calls).toEqual([]);
    vi.advanceTimersByTime(100);
    server.end(succeeded());
    expect(telemetry.calls).toEqual(["record", "flush build"]);
    expect(only(telemetry.events).fields).toMatchObject({
      duration: 300,
      outputSize: 200,
      modulesCount: 6,
    });
  });

  test("one after the other: the second takes the event's place", () => {
    const { telemetry, track } = setUp();
    const first = track();
    first.start(false);
    vi.advanceTimersByTime(100);
    first.end(succeeded());
    const second = track();
    second.start(false);
    vi.advanceTimersByTime(100);
    second.end(failed(new SyntaxError()));
    expect(telemetry.calls).toEqual(["record", "flush build", "hold", "amend", "flush build"]);
    expect(only(telemetry.events)).toMatchObject({
      eventName: "build:failed",
      fields: { success: false, duration: 200, errorType: "SyntaxError" },
    });
  });

  test("what one compiler doesn't tell is left out", () => {
    const { telemetry, track } = setUp();
    const [client, server] = [track(), track()];
    client.start(false);
    server.start(false);
    client.end(succeeded());
    server.end(() => ({ success: true, modulesCount: 4 }));
    const { fields } = only(telemetry.events);
    expect(fields).toMatchObject({ modulesCount: 7 });
    expect(fields).not.toHaveProperty("outputSize");
  });

  test("the bundler's own clock is taken where it has one", () => {
    const { telemetry, track } = setUp();
    const build = track();
    build.start(false);
    build.end(succeeded({ startTime: 1_000_000, endTime: 1_000_420 }));
    expect(only(telemetry.events).fields.duration).toBe(420);
  });

  test("once the batch is settled, a further build is only counted", () => {
    const { telemetry, track } = setUp();
    const first = track();
    first.start(false);
    first.end(succeeded());
    telemetry.settle();
    const second = track();
    second.start(false);
    second.end(failed(new TypeError()));
    expect(only(telemetry.events).fields.success).toBe(true);
    expect(telemetry.counts).toEqual([{ name: "rebuild", error: true }]);
  });

  test("a failure that shows after the end takes the place of the success", () => {
    const { telemetry, track } = setUp();
    const build = track();
    build.start(false);
    build.end(succeeded());
    build.end(failed(new RangeError()));
    expect(only(telemetry.events).fields).toMatchObject({
      success: false,
      errorType: "RangeError",
    });
  });
});

describe("watch mode", () => {
  test("the first build is an event, settled soon; later ones are counted", () => {
    const { telemetry, track } = setUp();
    const build = track();
    build.start(true);
    build.end(succeeded());
    expect(only(telemetry.events).fields.watch).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(telemetry.calls).toEqual(["record", "flush build", "flush dev"]);
    for (const outcome of [succeeded(), failed(new Error())]) {
      build.start(true);
      build.end(outcome);
      build.end(outcome);
    }
    expect(telemetry.counts).toEqual([
      { name: "rebuild", error: false },
      { name: "rebuild", error: true },
    ]);
    expect(telemetry.events).toHaveLength(1);
  });

  test("a dependent compiler that starts when the first has ended is in the event", () => {
    const { telemetry, track } = setUp();
    const [first, second] = [track(), track()];
    first.start(true);
    first.end(succeeded());
    second.start(true);
    vi.advanceTimersByTime(5000);
    second.end(succeeded());
    vi.advanceTimersByTime(1000);
    expect(only(telemetry.events).fields).toMatchObject({ duration: 5000, modulesCount: 6 });
    expect(telemetry.calls.at(-1)).toBe("flush dev");
    expect(telemetry.counts).toEqual([]);
  });

  test("a change during the first build starts it anew: still one event", () => {
    const { telemetry, track } = setUp();
    const build = track();
    build.start(true);
    build.start(true);
    build.end(succeeded());
    expect(telemetry.events).toHaveLength(1);
    expect(telemetry.counts).toEqual([]);
  });

  test("a bundler that doesn't tell, and doesn't close, was watching", () => {
    const { telemetry, track } = setUp();
    const build = track();
    build.start();
    build.end(succeeded());
    expect(only(telemetry.events).fields.watch).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(only(telemetry.events).fields.watch).toBe(true);
    expect(telemetry.calls.at(-1)).toBe("flush dev");
  });

  test("a bundler that doesn't tell, and closes, was not", () => {
    const { telemetry, track } = setUp();
    const build = track();
    build.start();
    build.end(succeeded());
    build.close();
    vi.advanceTimersByTime(60_000);
    expect(only(telemetry.events).fields.watch).toBe(false);
    expect(telemetry.calls).toEqual(["record", "flush build"]);
  });
});

test("each: true records every build, and compilers that overlap as one", () => {
  const { telemetry, track } = setUp({ each: true });
  const [client, server] = [track(), track()];
  for (let round = 0; round < 3; round++) {
    client.start(false);
    server.start(false);
    client.end(succeeded());
    server.end(succeeded());
  }
  expect(telemetry.events.map(({ fields }) => fields.modulesCount)).toEqual([6, 6, 6]);
  expect(telemetry.counts).toEqual([]);
});

describe("fields", () => {
  test("are merged, of each plugin instance once, and can't overwrite what the build says", () => {
    const shared = vi.fn(() => ({ toolsCount: 3, success: "yes" }));
    const { telemetry, track } = setUp({ fields: shared });
    const [client, server] = [track(), track()];
    const other = track({ fields: () => ({ promptsCount: 1 }) });
    for (const build of [client, server, other]) build.start(false);
    for (const build of [client, server, other]) build.end(succeeded());
    expect(only(telemetry.events).fields).toMatchObject({
      toolsCount: 3,
      promptsCount: 1,
      success: true,
    });
    expect(shared).toHaveBeenCalledTimes(1);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["is async and rejects", () => Promise.reject(new Error("no"))],
    ["returns nothing", () => undefined],
    ["returns text", () => "text"],
    [
      "has a getter that throws",
      () => ({
        a: 1,
        get b() {
          throw new Error("no");
        },
      }),
    ],
  ])("%s: debug is told, and the event goes without", async (_, fields) => {
    const { telemetry, track } = setUp({ fields: fields as () => Record<string, unknown> });
    const build = track();
    build.start(false);
    build.end(succeeded());
    expect(only(telemetry.events).fields).toMatchObject({ success: true });
    expect(only(telemetry.events).fields).not.toHaveProperty("a");
    expect(only(telemetry.errors).where).toBe("fields");
  });
});

test("nothing is followed, and no fields asked for, when telemetry is off", () => {
  const telemetry = fakeTelemetry();
  telemetry.isEnabled = false;
  expect(trackBuild({ telemetry }, bundler)).toBeUndefined();
});

test("telemetry that throws does not reach the bundler", () => {
  const { telemetry, track } = setUp();
  const build = track();
  telemetry.record = () => {
    throw new Error("broken");
  };
  build.start(false);
  build.end(succeeded());
  build.end(() => {
    throw new Error("stats can't be read");
  });
  expect(telemetry.errors.map(({ where }) => where)).toEqual(["webpack", "webpack"]);
});

test("nothing keeps listening to the process between builds", () => {
  const { track } = setUp();
  const listeners = () =>
    process.listenerCount("exit") + process.listenerCount("uncaughtExceptionMonitor");
  const before = listeners();
  const build = track();
  build.start(false);
  expect(listeners()).toBe(before + 2);
  build.end(succeeded());
  expect(listeners()).toBe(before);
});

test("a plugin without telemetry says what it needs", () => {
  for (const options of [undefined, {}, { telemetry: {} }]) {
    expect(() => checkOptions(options as unknown as PluginOptions, "sendoff/webpack")).toThrow(
      /^sendoff\/webpack needs the telemetry/,
    );
  }
});

test.each([
  [{ fields: { toolsCount: 3 } }, /^sendoff\/webpack: "fields" takes a function/],
  [{ each: "yes" }, /^sendoff\/webpack: "each" takes true or false/],
  [{ field: () => ({}) }, /^sendoff\/webpack: "field" is no option: check its name/],
])("an option that can't be meant is refused where it is given: %j", (given, message) => {
  const { telemetry } = setUp();
  const options = { telemetry, ...given };
  expect(() => checkOptions(options as unknown as PluginOptions, "sendoff/webpack")).toThrow(
    message,
  );
});

test("guard passes what it is given and tells what is thrown", () => {
  const telemetry = fakeTelemetry();
  const seen: unknown[] = [];
  guard(
    telemetry,
    "here",
  )((a: number, b: string) => {
    seen.push(a, b);
    throw new Error("x");
  })(1, "b");
  expect(seen).toEqual([1, "b"]);
  expect(only(telemetry.errors).where).toBe("here");
});
