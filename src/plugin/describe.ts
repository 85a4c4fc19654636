import type { ErrorCategory } from "../events/error-list.ts";
import type { ErrorPhase } from "../events/error-types/list.ts";
import { later } from "../tracker/later.ts";
import type { PluginEvent } from "./options.ts";

/** From builds that have ended to the event that describes them all. Pure. */

export interface Bundler {
  name: string;
  version: string;
  mode: string;
}

/** How a build ended. What a bundler doesn't tell for free is left out. */
export type BuildOutcome = {
  /** Milliseconds since 1970, by the bundler's own clock where it has one; by ours where not. */
  startTime?: number | undefined;
  endTime?: number | undefined;
} & (
  | {
      success: true;
      /** Bytes. */
      outputSize?: number | undefined;
      modulesCount?: number | undefined;
    }
  | {
      success: false;
      error: unknown;
      /** Where it is known, and the error doesn't say. */
      errorPhase?: ErrorPhase | undefined;
    }
);

/** An outcome without the error itself, which may hold on to half of the compiler. */
export interface EndedBuild {
  startTime: number;
  endTime: number;
  failure?: ErrorCategory;
  outputSize?: number | undefined;
  modulesCount?: number | undefined;
}

export function endedBuild(outcome: BuildOutcome, startTime: number, now: number): EndedBuild {
  const times = {
    startTime: outcome.startTime ?? startTime,
    endTime: outcome.endTime ?? now,
  };
  if (!outcome.success) {
    const { error, errorPhase = "unknown" } = outcome;
    const failure = later().categorizeError(error);
    if (failure.errorPhase === "unknown") failure.errorPhase = errorPhase;
    return { ...times, failure };
  }
  return { ...times, outputSize: outcome.outputSize, modulesCount: outcome.modulesCount };
}

/**
 * Success if all succeeded; from the first start to the last end; sizes and modules added up, and
 * left out if one of the builds doesn't tell. Of what failed, the first is told.
 */
export function describeBuilds(
  bundler: Bundler,
  watch: boolean,
  builds: readonly EndedBuild[],
): PluginEvent {
  const failure = builds.find((build) => build.failure !== undefined)?.failure;
  const started = Math.min(...builds.map((build) => build.startTime));
  const ended = Math.max(...builds.map((build) => build.endTime));
  return {
    eventName: failure === undefined ? "build:completed" : "build:failed",
    fields: {
      success: failure === undefined,
      // A clock that is set back during a build must not lose the event.
      duration: Math.max(0, Math.round(ended - started)),
      bundler: bundler.name,
      bundlerVersion: bundler.version,
      mode: bundler.mode,
      watch,
      nodeVersion: process.versions.node,
      ...(failure ?? { ...sum(builds, "outputSize"), ...sum(builds, "modulesCount") }),
    },
  };
}

function sum(builds: readonly EndedBuild[], key: "outputSize" | "modulesCount") {
  let total = 0;
  for (const build of builds) {
    const value = build[key];
    if (value === undefined) return {};
    total += value;
  }
  return { [key]: total };
}
