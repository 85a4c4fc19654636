import { defineConfig } from "vitest/config";

/**
 * Three groups, one after the other. End-to-end tests run real builds as processes, against the
 * built package; each takes a core of its own, so two run at a time. Those that measure how long a
 * build takes (`*.timing.test.ts`) run with the machine to themselves.
 */
const SECOND = 1000;

const endToEnd = {
  globalSetup: "scripts/ensure-built.mjs",
  testTimeout: 60 * SECOND,
  hookTimeout: 60 * SECOND,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 10 * SECOND,
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
          name: "timing",
          include: ["test/e2e/**/*.timing.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
