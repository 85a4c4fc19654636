import os from "node:os";
import { describe, expect, test } from "vitest";
import type { BuildFacts } from "../../src/metadata/build-facts.ts";
import { hasTerminal, isEphemeral } from "../../src/metadata/container.ts";
import type { MachineFacts } from "../../src/metadata/machine.ts";
import { readMachineFacts } from "../../src/metadata/machine-facts.ts";
import { createMeta } from "../../src/metadata/meta.ts";

const build: BuildFacts = {
  isCI: true,
  ciName: "GitHub Actions",
  ciVendor: "github_actions",
  runtime: "node",
  runtimeVersion: "22.1.0",
  packageManager: "pnpm",
  agent: null,
};
const machine: MachineFacts = {
  platform: "darwin",
  systemRelease: "23.5.0",
  arch: "arm64",
  cpuCores: 11,
  cpuModel: "Apple M3 Pro",
  cpuSpeed: 2400,
  memoryTotal: 18_432,
  isDocker: false,
  isWsl: false,
};

describe("meta", () => {
  test("full is what was found", () => {
    const { ciVendor: _, ...buildOnTheWire } = build;
    expect(createMeta("full", build, machine)).toEqual({ ...machine, ...buildOnTheWire });
  });

  test("coarse rounds the machine", () => {
    expect(createMeta("coarse", build, machine)).toMatchObject({
      systemRelease: "23.5",
      cpuCores: 10,
      cpuModel: "Apple M3",
      cpuSpeed: 2500,
      memoryTotal: 16_000,
      ciName: "GitHub Actions",
      runtimeVersion: "22.1.0",
    });
  });

  test("none has nothing in it", () => {
    expect(Object.values(createMeta("none", build, machine)).every((it) => it === null)).toBe(true);
  });

  test("every level has the same keys in the same order", () => {
    const keys = Object.keys(createMeta("full", build, machine));
    expect(keys.join(" ")).toBe(
      "platform systemRelease arch cpuCores cpuModel cpuSpeed memoryTotal isDocker isWsl isCI " +
        "ciName runtime runtimeVersion packageManager agent",
    );
    expect(Object.keys(createMeta("coarse", build, machine))).toEqual(keys);
    expect(Object.keys(createMeta("none", build, machine))).toEqual(keys);
  });
});

test("the machine's facts are the system's", () => {
  expect(readMachineFacts()).toEqual({
    platform: os.platform(),
    systemRelease: os.release(),
    arch: os.arch(),
    cpuCores: os.cpus().length,
    cpuModel: os.cpus()[0]?.model ?? null,
    cpuSpeed: expect.any(Number),
    memoryTotal: Math.trunc(os.totalmem() / 1024 ** 2),
    isDocker: expect.any(Boolean),
    isWsl: expect.any(Boolean),
  });
});

describe("a place is ephemeral", () => {
  const place = { isCI: false, isContainer: false, hasPreferences: false, hasTerminal: false };
  test.each([
    ["a machine", {}, false],
    ["CI", { isCI: true }, true],
    ["CI with preferences", { isCI: true, hasPreferences: true, hasTerminal: true }, true],
    ["a container", { isContainer: true }, true],
    ["a container with a terminal", { isContainer: true, hasTerminal: true }, false],
    ["a container with preferences", { isContainer: true, hasPreferences: true }, false],
  ])("%s", (_, differing, expected) => {
    expect(isEphemeral({ ...place, ...differing })).toBe(expected);
  });
});

test("a terminal can be asked for", () => {
  expect(hasTerminal()).toBeTypeOf("boolean");
});
