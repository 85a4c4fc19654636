import { someFailure } from "./failures.ts";
import type { Machine } from "./machines.ts";
import { bundlerVersionOn, type Project, timeOf } from "./project.ts";
import type { Random } from "./random.ts";
import type { Release } from "./releases.ts";

/** One build: what it was of, where, with what. */
export interface Build {
  project: Project;
  machine: Machine;
  release: Release;
  nodeVersion: string;
  isCI: boolean;
  /** From 0 to 1, through the history. */
  progress: number;
  failing: number;
}

/** Its event, as the plugin would record it. */
export function eventOf(build: Build, random: Random) {
  const { project, release } = build;
  const { breakage } = release;
  const isBroken = breakage !== undefined && random.chance(breakage.share);
  const isFailed = isBroken || random.chance(build.failing);
  const isWatch = !build.isCI && random.chance(0.28);
  const isDevelopment = isWatch || (!build.isCI && random.chance(0.16));
  // A failure ends a build somewhere on its way.
  const duration =
    durationOf(build, random) * (isDevelopment ? 0.6 : 1) * (isFailed ? random.share() : 1);
  const modules = Math.ceil(project.modules * random.logNormal(1, 0.03));
  // The project's first: of what is spread, only that is copied fast.
  const fields = {
    ...project.fields,
    success: !isFailed,
    duration: Math.max(12, Math.round(duration)),
    bundler: project.bundler,
    bundlerVersion: bundlerVersionOn(build.progress * 0.999, project.bundler),
    mode: isDevelopment ? "development" : "production",
    watch: isWatch,
    nodeVersion: build.nodeVersion,
    productVersion: release.version,
  };
  if (isFailed) {
    const failure = isBroken ? breakage : someFailure(random, project.bundler);
    const { errorPhase, errorType } = failure;
    return { eventName: "build:failed", fields: { ...fields, errorPhase, errorType } };
  }
  const outputSize = Math.round(modules * project.density * (isDevelopment ? 2.2 : 1));
  return {
    eventName: "build:completed",
    fields: { ...fields, outputSize, modulesCount: modules },
  };
}

/** Milliseconds: more for more modules, less for more cores, and never twice the same. */
function durationOf({ project, machine, release, isCI }: Build, random: Random): number {
  const { slowness } = release;
  const work = 5200 * timeOf(project.bundler) * (project.modules / 420) ** 0.78;
  const cores = (8 / machine.cpuCores) ** 0.32;
  const memory = machine.memoryTotal <= 8000 ? 1.3 : 1;
  const system = machine.platform === "win32" ? 1.35 : machine.isWsl ? 1.15 : 1;
  const chip = /Apple M[2-5]/.test(machine.cpuModel) ? 0.75 : 1;
  const slow = slowness?.platform === machine.platform ? slowness.factor : 1;
  return (
    work * cores * memory * system * chip * slow * (isCI ? 1.1 : 1) * random.logNormal(1, 0.32)
  );
}
