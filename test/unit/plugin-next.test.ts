import { expect, test } from "vitest";
import withSendoff from "../../src/plugin/next.ts";
import { fakeTelemetry } from "./plugin-telemetry.ts";

/** Builds of Next are in test/frameworks; here is what a config goes through. */

const context = { defaultConfig: {} };

test.each([
  ["an object", (config: object) => config],
  ["a function", (config: object) => () => config],
  ["a function that takes its time", (config: object) => async () => config],
])("Next gets the very config that it would have: %s", async (_, wrap) => {
  const config = { distDir: "out" };
  const asked = withSendoff(wrap(config), { telemetry: fakeTelemetry() });
  expect(await asked("phase-production-build", context)).toBe(config);
});

test("a config's function is asked with Next's arguments, once each time", () => {
  const calls: unknown[] = [];
  const config = (...args: unknown[]) => {
    calls.push(args);
    return {};
  };
  withSendoff(config, { telemetry: fakeTelemetry() })("phase-development-server", context);
  expect(calls).toEqual([["phase-development-server", context]]);
});

test.each([
  ["phase-development-server", "dev"],
  ["phase-production-server", "start"],
  // Next reads the config for these as if they were builds.
  ["phase-production-build", "typegen"],
  ["phase-production-build", "internal"],
  // A worker of a build.
  ["phase-production-build", undefined],
])("nothing is hooked in in phase %s of %s", (phase, command) => {
  expect(listenersAfter(phase, command === undefined ? [] : [command])).toBe(0);
});

test("a build is followed once, however often Next asks", () => {
  expect(listenersAfter("phase-production-build", ["--inspect", "build"])).toBeGreaterThan(0);
});

/** How many listeners on the exit of this process a config that is asked twice adds. */
function listenersAfter(phase: string, args: string[]): number {
  const [argv, before] = [process.argv, process.listeners("exit")];
  process.argv = ["node", "next", ...args];
  try {
    const config = withSendoff({}, { telemetry: fakeTelemetry() });
    config(phase, context);
    const once = process.listenerCount("exit");
    config(phase, context);
    expect(process.listenerCount("exit")).toBe(once);
    return once - before.length;
  } finally {
    process.argv = argv;
    for (const listener of process.listeners("exit")) {
      if (!before.includes(listener)) process.removeListener("exit", listener);
    }
  }
}
