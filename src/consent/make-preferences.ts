import { linkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { draftOf, fileMode, makeFolders, removeIfThere } from "../support/files.ts";
import { identityOf } from "./identity.ts";
import type { Preferences, Reading } from "./preferences.ts";

/** Done once an installation: an id and a salt, and the file that holds them. */

export function newIdentity(): { anonymousId: string; salt: string } {
  const { randomBytes } = process.getBuiltinModule("node:crypto");
  return { anonymousId: randomBytes(32).toString("hex"), salt: randomBytes(16).toString("hex") };
}

/**
 * Id and salt for preferences that are about to be made. Those that another version of the product
 * has made stay what they are; an id that came without a salt gets one.
 */
export function carriedOver(others: readonly Reading[]): { anonymousId: string; salt: string } {
  const fresh = newIdentity();
  const { anonymousId, salt = fresh.salt } = identityOf(others);
  return anonymousId === undefined ? fresh : { anonymousId, salt };
}

/**
 * Creates the file with all of `preferences`, or leaves the one that is there. True if it is this
 * call's. What comes `first` does so once there is room for it. @throws what that throws, and where
 * the folder can't be made or written.
 */
export function createPreferences(
  file: string,
  preferences: Preferences,
  first?: () => void,
): boolean {
  makeFolders(path.dirname(file));
  const text = preferencesText(preferences);
  const draft = draftOf(file);
  const exclusively = { mode: fileMode, flag: "wx" };
  try {
    writeFileSync(draft, text, exclusively);
    first?.();
    // A link, not a rename: it fails where a file is, so that the first one stays.
    if (isLinked(draft, file)) return true;
    writeFileSync(file, text, exclusively);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    removeIfThere(draft);
  }
}

/** False where there are no hard links: exFAT, Android, some network drives. */
function isLinked(existing: string, file: string): boolean {
  try {
    linkSync(existing, file);
    return true;
  } catch {
    return false;
  }
}

export function preferencesText(preferences: Preferences): string {
  const json: Record<string, unknown> = {};
  if (preferences.enabled !== undefined) json["telemetry.enabled"] = preferences.enabled;
  if (preferences.notifiedAt) json["telemetry.notifiedAt"] = String(preferences.notifiedAt);
  if (preferences.anonymousId) json["telemetry.anonymousId"] = preferences.anonymousId;
  if (preferences.salt) json["telemetry.salt"] = preferences.salt;
  return `${JSON.stringify(json, null, 2)}\n`;
}
