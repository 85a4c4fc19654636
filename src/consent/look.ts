import path from "node:path";
import { isRecord, readIfThere, readJson } from "../support/files.ts";
import type { Places } from "../support/paths.ts";
import type { Situation } from "./decide.ts";
import { type PreferencesFile, type Reading, readPreferences } from "./preferences.ts";

/** Whose consent is asked for, as both the build and the sender know it. */
export interface Subject {
  name: string;
  version: string;
  places: Places;
  offVariables: readonly string[];
  alsoRead: readonly PreferencesFile[];
}

/** What only the build knows; the sender was started by one that was on. */
export type BuildsView = Pick<
  Situation,
  "enabledByProduct" | "projectOff" | "inCI" | "ci" | "consent"
>;

/** Reads everything that `decide` wants to know; writes nothing. */
export function lookAround(subject: Subject, view: BuildsView, now = Date.now()): Situation {
  return {
    ...view,
    env: process.env,
    offVariables: subject.offVariables,
    policyOff: subject.places.policies.find(policySaysOff),
    stoppedUntil: stoppedUntil(subject.places.stopped, subject.version),
    now,
    homeProblem: homeProblem(subject.places),
    preferences: readAllPreferences(subject),
  };
}

/** Relative places would lie in whatever project is being built. */
function homeProblem({ preferences, state }: Places): string | undefined {
  return path.isAbsolute(preferences) && path.isAbsolute(state)
    ? undefined
    : "there is no home folder";
}

/** The product's own preferences first. */
export function readAllPreferences({ places, alsoRead }: Subject): Reading[] {
  const own: PreferencesFile = { file: places.preferences, format: "flat" };
  const others = alsoRead.filter((other) => other.file !== own.file);
  return [own, ...others].map(readPreferences);
}

/**
 * `{ "telemetry": false }`, or the keys of the preferences. A policy that can't be read was put
 * there by somebody who wanted something: off.
 */
function policySaysOff(file: string): boolean {
  try {
    const text = readIfThere(file);
    if (text === undefined) return false;
    const policy: unknown = JSON.parse(text);
    if (!isRecord(policy)) return true;
    const nested = isRecord(policy.telemetry) ? policy.telemetry.enabled : policy.telemetry;
    return nested === false || policy["telemetry.enabled"] === false;
  } catch {
    return true;
  }
}

function stoppedUntil(file: string, version: string): number | undefined {
  const until = readJson<Record<string, unknown>>(file)?.[version];
  return typeof until === "number" ? until : undefined;
}
