import { describe, expect, test } from "vitest";
import {
  coarseCores,
  coarseMachine,
  coarseMemory,
  coarseSpeeds,
} from "../../src/metadata/coarse.ts";
import { cpuFamilies, cpuFamilyOf } from "../../src/metadata/cpu-family.ts";
import { hourOf } from "../../src/metadata/hour.ts";
import type { MachineFacts } from "../../src/metadata/machine.ts";

const machine: MachineFacts = {
  platform: "linux",
  systemRelease: "6.1.0-21-amd64",
  arch: "x64",
  cpuCores: 14,
  cpuModel: "13th Gen Intel(R) Core(TM) i7-1365U",
  cpuSpeed: 2611,
  memoryTotal: 31_899,
  isDocker: false,
  isWsl: true,
};

test("every value of a machine is coarser, under the same keys", () => {
  expect(coarseMachine(machine)).toEqual({
    platform: "linux",
    systemRelease: "6.1",
    arch: "x64",
    cpuCores: 12,
    cpuModel: "Intel Core i7",
    cpuSpeed: 2500,
    memoryTotal: 32_000,
    isDocker: false,
    isWsl: true,
  });
});

test("what is coarse stays as it is when made coarse again", () => {
  const { cpuModel, ...once } = coarseMachine(machine);
  expect(coarseMachine({ ...once, cpuModel })).toEqual({ ...once, cpuModel });
});

test.each([
  ["6.1.0-21-amd64", "6.1"],
  ["23.5.0", "23.5"],
  ["10.0.22631", "10.0"],
  ["5.15.153.1-microsoft-standard-WSL2", "5.15"],
  ["13.2-RELEASE", "13.2"],
  ["7", "7"],
  ["20240131.1", "other"],
  ["jos-kernel", "other"],
  ["", "other"],
])("release %s is %s", (systemRelease, expected) => {
  expect(coarseMachine({ ...machine, systemRelease }).systemRelease).toBe(expected);
});

test.each([
  [1, 1],
  [3, 2],
  [8, 8],
  [14, 12],
  [48, 32],
  [512, 128],
  [0, 1],
])("%i cores count as %i", (cpuCores, expected) => {
  expect(coarseMachine({ ...machine, cpuCores }).cpuCores).toBe(expected);
});

describe("memory as systems report it", () => {
  test.each([
    ["512 MB in a small virtual machine", 465, 500],
    ["1 GiB in a cloud", 949, 1000],
    ["2 GiB in a cloud", 1_910, 2000],
    ["4 GiB", 3_816, 4000],
    ["8 GiB", 7_738, 8000],
    ["8 GiB, exact", 8_192, 8000],
    ["16 GiB with shared graphics", 15_315, 16_000],
    ["16 GiB, exact", 16_384, 16_000],
    ["24 GiB", 24_576, 16_000],
    ["32 GiB", 31_899, 32_000],
    ["32 GiB with much shared graphics", 29_800, 32_000],
    ["36 GiB", 36_864, 32_000],
    ["64 GiB", 64_200, 64_000],
    ["128 GiB", 128_660, 128_000],
    ["256 GiB", 257_500, 256_000],
    ["2 TiB", 2_063_000, 256_000],
    ["next to nothing", 64, 500],
  ])("%s", (_, memoryTotal, expected) => {
    expect(coarseMachine({ ...machine, memoryTotal }).memoryTotal).toBe(expected);
  });
});

test.each([
  [2400, 2500],
  [2250, 2500],
  [2249, 2000],
  [24, 0],
  [0, 0],
  [9999, 6000],
  [null, null],
])("%s MHz count as %s", (cpuSpeed, expected) => {
  expect(coarseMachine({ ...machine, cpuSpeed }).cpuSpeed).toBe(expected);
});

test.each([
  ["Apple M1", "Apple M1"],
  ["Apple M1 (Virtual)", "Apple M1"],
  ["Apple M3 Pro", "Apple M3"],
  ["Apple M42 Ultra", "Apple"],
  ["VirtualApple @ 2.50GHz processor", "Apple"],
  ["Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz", "Intel Core i7"],
  ["13th Gen Intel(R) Core(TM) i5-1345U", "Intel Core i5"],
  ["Intel(R) Core(TM) Ultra 7 155H", "Intel Core Ultra 7"],
  ["Intel(R) Core(TM) 7 150U", "Intel Core i7"],
  ["Intel(R) Core(TM)2 Duo CPU     E8400  @ 3.00GHz", "Intel"],
  ["Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", "Intel Xeon"],
  ["INTEL(R) XEON(R) PLATINUM 8573C", "Intel Xeon"],
  ["Intel(R) N100", "Intel N"],
  ["Intel(R) Pentium(R) Silver N5000 CPU @ 1.10GHz", "Intel Pentium"],
  ["Intel(R) Celeron(R) N4020 CPU @ 1.10GHz", "Intel Celeron"],
  ["AMD Ryzen 7 5800X 8-Core Processor", "AMD Ryzen 7"],
  ["AMD Ryzen 7 PRO 6850U with Radeon Graphics", "AMD Ryzen 7"],
  ["AMD Ryzen Threadripper PRO 5995WX 64-Cores", "AMD Ryzen Threadripper"],
  ["AMD Ryzen AI 9 HX 370 w/ Radeon 890M", "AMD Ryzen AI"],
  ["AMD EPYC 7763 64-Core Processor", "AMD EPYC"],
  ["AMD FX(tm)-8350 Eight-Core Processor", "AMD"],
  ["Neoverse-N1", "ARM Neoverse"],
  ["Cortex-A72", "ARM Cortex"],
  ["ARMv8 Processor rev 3 (v8l)", "ARM"],
  ["Ampere(R) Altra(R) Processor Q80-30 CPU @ 3.0GHz", "Ampere"],
  ["Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU", "Qualcomm Snapdragon"],
  ["POWER9 (architected), altivec supported", "IBM POWER"],
  ["DO-Regular", "other"],
  ["QEMU Virtual CPU version 2.5+", "other"],
  ["unknown", "other"],
  ["", "other"],
])("the CPU %s is of the family %s", (model, expected) => {
  expect(cpuFamilyOf(model)).toBe(expected);
  expect(cpuFamilies).toContain(expected);
  expect(coarseMachine({ ...machine, cpuModel: model }).cpuModel).toBe(expected);
});

test("a family's own name is of that family", () => {
  for (const family of cpuFamilies) {
    // Two names that no vendor writes alone.
    if (["Intel N", "IBM POWER"].includes(family)) continue;
    expect(cpuFamilyOf(family)).toBe(family);
  }
  expect(new Set(cpuFamilies).size).toBe(cpuFamilies.length);
});

test("a CPU without a model stays null", () => {
  expect(coarseMachine({ ...machine, cpuModel: null }).cpuModel).toBeNull();
});

test("the lists of possible values ascend", () => {
  for (const sizes of [coarseCores, coarseMemory, coarseSpeeds]) {
    expect([...sizes].sort((a, b) => a - b)).toEqual(sizes);
  }
});

test.each([
  ["2026-03-01T10:00:00.000Z", "2026-03-01T10:00:00.000Z"],
  ["2026-03-01T10:59:59.999Z", "2026-03-01T10:00:00.000Z"],
  ["2026-03-01T00:10:00.000+02:00", "2026-02-28T22:00:00.000Z"],
  ["1969-12-31T23:30:00.000Z", "1969-12-31T23:00:00.000Z"],
])("%s lies in the hour %s", (timestamp, expected) => {
  expect(hourOf(timestamp)).toBe(expected);
});
