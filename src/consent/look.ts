import { accessSync, constants, existsSync, statSync } from "node:fs";
import path from "node:path";
import { isLink, isRecord, readIfThere, readJson } from "../support/files.ts";
import { stoppedForMs } from "../support/limits.ts";
import type { Places } from "../support/paths.ts";
import { saysNo, shortForm } from "../support/short-form.ts";
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
export interface BuildsView
  extends Pick<Situation, "enabledByProduct" | "projectOff" | "inCI" | "ci" | "consent"> {
  /**
   * Whether preferences are made where there are none.
   * @default true
   */
  makesPreferences?: boolean;
}

/** Reads everything that `decide` wants to know; writes nothing. */
export function lookAround(
  subject: Subject,
  { makesPreferences = true, ...view }: BuildsView,
  now = Date.now(),
): Situation {
  return {
    ...view,
    env: process.env,
    offVariables: subject.offVariables,
    policyOff: subject.places.policies.find(policySaysOff),
    stoppedUntil: stoppedUntil(subject, now),
    now,
    homeProblem: homeProblem(subject.places, makesPreferences),
    preferences: readAllPreferences(subject),
  };
}

/** Found out without writing: off must not leave an empty folder either. */
function homeProblem(
  { preferences, state, spool }: Places,
  makesPreferences: boolean,
): string | undefined {
  // Relative places would lie in whatever project is being built.
  if (!path.isAbsolute(preferences) || !path.isAbsolute(state)) return "there is no home folder";
  const folders = [state, spool];
  if (makesPreferences && !existsSync(preferences)) folders.push(path.dirname(preferences));
  const closed = folders.find((folder) => !isWritable(folder));
  if (closed !== undefined) return `${closed} can't be written`;
  const linked = [state, spool].find(isLink);
  return linked && `${linked} is a link, not a folder of its own`;
}

/** A folder that is there, or could be made. */
function isWritable(folder: string): boolean {
  try {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined) {
      const parent = path.dirname(folder);
      return parent !== folder && !isLink(folder) && isWritable(parent);
    }
    accessSync(folder, constants.W_OK | constants.X_OK);
    return found.isDirectory();
  } catch {
    return false;
  }
}

/** The product's own preferences first. */
export function readAllPreferences({ places, alsoRead }: Subject): Reading[] {
  const own: PreferencesFile = { file: places.preferences, format: "flat" };
  const others = alsoRead.filter((other) => other.file !== own.file);
  return [own, ...others].map(readPreferences);
}

/**
 * `{ "telemetry": false }`, or the keys of the preferences. A policy that can't be read, or says
 * what can't be understood, was put there by somebody who wanted something: off.
 */
function policySaysOff(file: string): boolean {
  try {
    const text = readIfThere(file);
    if (text === undefined) return false;
    const policy: unknown = JSON.parse(text);
    if (!isRecord(policy)) return true;
    return [shortForm(policy), policy["telemetry.enabled"]].some(saysNo);
  } catch {
    return true;
  }
}

/** One further off than it can have been written comes from a clock that moved, and is void. */
function stoppedUntil({ places, version }: Subject, now: number): number | undefined {
  const until = readJson<Record<string, unknown>>(places.stopped)?.[version];
  return typeof until === "number" && until - now <= stoppedForMs ? until : undefined;
}
