import { cpuFamilyOf } from "./cpu-family.ts";
import type { MachineFacts } from "./machine.ts";

/**
 * Exact sizes, speeds and models tell machines apart. Rounded to these values they still say what
 * a product has to run on, and nearly every machine shares them with many others.
 */

/** Logical cores. A machine counts as the largest one it reaches. */
export const coarseCores: readonly number[] = [1, 2, 4, 6, 8, 10, 12, 16, 24, 32, 64, 128];

/** MB. A machine counts as the largest one it reaches. */
export const coarseMemory: readonly number[] = [
  500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000,
];

/** MHz, to the nearest; 0 where the system doesn't say. */
export const coarseSpeeds: readonly number[] = [
  0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500, 6000,
];

/**
 * Firmware, kernel and graphics keep a part for themselves: 32 GiB show as 29 to 32 thousand MiB,
 * a cloud's 1 GiB as 950. A size is reached from here on.
 */
const memoryReached = 0.9;

/** Same keys, coarser values. Platform, architecture, Docker and WSL are lists by themselves. */
export function coarseMachine(machine: MachineFacts): MachineFacts {
  return {
    ...machine,
    systemRelease: majorMinor(machine.systemRelease),
    cpuCores: reached(coarseCores, machine.cpuCores),
    cpuModel: machine.cpuModel === null ? null : cpuFamilyOf(machine.cpuModel),
    cpuSpeed: machine.cpuSpeed === null ? null : nearest(coarseSpeeds, machine.cpuSpeed),
    memoryTotal: reached(coarseMemory, machine.memoryTotal / memoryReached),
  };
}

/** `6.1.0-21-amd64` is `6.1`. A kernel that somebody numbered by date, or not at all: `other`. */
function majorMinor(release: string): string {
  return /^\d{1,3}(?:\.\d{1,3})?(?!\d)/.exec(release)?.[0] ?? "other";
}

/** The largest size that is not above the value; the smallest stands for all below it. */
function reached(sizes: readonly number[], value: number): number {
  return sizes.findLast((size) => size <= value) ?? (sizes[0] as number);
}

function nearest(sizes: readonly number[], value: number): number {
  return sizes.reduce((best, size) =>
    Math.abs(size - value) <= Math.abs(best - value) ? size : best,
  );
}
