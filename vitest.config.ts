import { defineConfig } from "vitest/config";

/**
 * Groups, one after the other. End-to-end tests run real builds as processes, against the built
 * package; each takes a core of its own, so two run at a time. Faults are the same with trouble
 * around them; leaks, with words in them that must not leave. Those that measure how long a build
 * takes (`*.timing.test.ts`) run with the machine to themselves.
 */
const MINUTE = 60_000;

/** In CI once more, for what the machine's other users did: a test that depends on chance shows. */
const retry = process.env.CI ? 1 : 0;

/** For what hangs, not for what is slow: some take a minute where nobody else is at work. */
const endToEnd = {
  retry,
  globalSetup: "scripts/ensure-built.mjs",
  testTimeout: 4 * MINUTE,
  hookTimeout: 4 * MINUTE,
};

/** Tests of the collector with what is fetched for them: engines, runtimes. */
const engines = [
  "collector/test/store/clickhouse*.test.ts",
  "collector/test/store/copy.test.ts",
  "collector/test/server/{runtimes,worker}.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          // Some run real bundlers that watch, or twenty processes at once.
          retry,
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          setupFiles: "test/all-at-hand.ts",
          testTimeout: MINUTE,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: ["**/*.timing.test.ts"],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          setupFiles: "test/all-at-hand.ts",
          exclude: ["**/*.timing.test.ts"],
          testTimeout: 5 * MINUTE,
          maxWorkers: 2,
          // Most of the time they wait for a sender to give up; more would starve its attempts.
          maxConcurrency: 4,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "collector",
          include: ["collector/test/**/*.test.ts"],
          exclude: engines,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "engines",
          // They are 700 MB, and one data folder a process.
          globalSetup: [endToEnd.globalSetup, "collector/test/engines/setup.ts"],
          include: engines,
          maxWorkers: 1,
          sequence: { groupOrder: 10 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "leaks",
          include: ["test/leaks/**/*.test.ts"],
          // Three builds at once, and senders that wait for more to do.
          maxConcurrency: 8,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "platforms",
          include: ["test/platforms/**/*.test.ts"],
          globalSetup: [endToEnd.globalSetup, "test/platforms/setup.ts"],
          maxWorkers: 2,
          // Most of the time they wait for a sender that waits for more to do.
          maxConcurrency: 4,
          sequence: { groupOrder: 5 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "matrix",
          include: ["test/matrix/*.test.ts"],
          globalSetup: [endToEnd.globalSetup, "test/matrix/setup.ts"],
          maxConcurrency: 4,
          sequence: { groupOrder: 6 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "frameworks",
          include: ["test/frameworks/**/*.test.ts"],
          globalSetup: [endToEnd.globalSetup, "test/platforms/setup.ts"],
          // Some of their builds take half a minute.
          testTimeout: 5 * MINUTE,
          sequence: { groupOrder: 7 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "frameworks-timing",
          include: ["test/frameworks/timing.ts"],
          globalSetup: [endToEnd.globalSetup, "test/platforms/setup.ts"],
          // As many pairs of builds as somebody asks for.
          testTimeout: 60 * MINUTE,
          sequence: { groupOrder: 9 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: "timing",
          include: ["test/**/*.timing.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 8 },
        },
      },
    ],
  },
});
