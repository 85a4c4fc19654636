import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  draftOf,
  fileMode,
  folderMode,
  isLink,
  isRecord,
  readIfThere,
  removeIfThere,
} from "../support/files.ts";
import { saysNo, shortForm } from "../support/short-form.ts";

/**
 * The user's preferences: their choice, and the random id and salt of this installation. A build
 * only ever creates the file, as a whole, and if another build was first, that one's counts. It
 * never rewrites it, so that it can't undo an opt-out that comes in between; only commands do.
 */
export interface Preferences {
  /** `"local"`: record and keep, never send. */
  enabled?: boolean | "local";
  /** When the notice was shown: milliseconds since 1970. */
  notifiedAt?: number;
  /** 64 hexadecimal digits, random. */
  anonymousId?: string;
  /** 32 hexadecimal digits, random; never leaves the machine. */
  salt?: string;
}

/** Another file whose opt-out, id and salt count. */
export interface PreferencesFile {
  file: string;
  /** `flat`: `{ "telemetry.enabled": … }`; `nested`: `{ "telemetry": { "enabled": … } }`. */
  format: "flat" | "nested";
  /**
   * For a place that others can write: its ids are not taken.
   * @default false
   */
  optOutOnly?: boolean;
}

export type Reading =
  | { is: "absent" }
  | { is: "unreadable"; problem: string }
  | { is: "read"; preferences: Preferences };

export function readPreferences({ file, format, optOutOnly }: PreferencesFile): Reading {
  const reading = readFile(file, format);
  if (!optOutOnly || reading.is !== "read") return reading;
  const { enabled } = reading.preferences;
  return enabled === false ? { is: "read", preferences: { enabled } } : { is: "absent" };
}

function readFile(file: string, format: PreferencesFile["format"]): Reading {
  try {
    const text = readIfThere(file);
    if (text === undefined) {
      return isLink(file) ? unreadable(file, "is a link to nothing") : { is: "absent" };
    }
    const json: unknown = JSON.parse(text);
    if (!isRecord(json)) return unreadable(file, "is not a JSON object");
    if (format === "flat") {
      const short = shortForm(json);
      return readKeys(file, (key) =>
        key === "enabled" && saysNo(short) ? short : json[`telemetry.${key}`],
      );
    }
    const { telemetry = {} } = json;
    if (!isRecord(telemetry)) return unreadable(file, "has a telemetry that is no object");
    return readKeys(file, (key) => telemetry[key]);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return unreadable(file, code ? `can't be read (${code})` : "is not JSON");
  }
}

function readKeys(file: string, value: (key: string) => unknown): Reading {
  const preferences: Preferences = {};
  const enabled = value("enabled");
  if (typeof enabled === "boolean" || enabled === "local") preferences.enabled = enabled;
  // A choice that can't be understood is a choice all the same: when in doubt, off.
  else if (enabled !== undefined)
    return unreadable(file, "has a telemetry.enabled that is no choice");
  const notifiedAt = Number(value("notifiedAt"));
  if (Number.isFinite(notifiedAt) && notifiedAt > 0) preferences.notifiedAt = notifiedAt;
  const anonymousId = value("anonymousId");
  if (typeof anonymousId === "string" && /^[0-9a-f]{64}$/.test(anonymousId)) {
    preferences.anonymousId = anonymousId;
  }
  const salt = value("salt");
  if (typeof salt === "string" && /^[0-9a-f]{16,128}$/.test(salt)) preferences.salt = salt;
  return { is: "read", preferences };
}

function unreadable(file: string, problem: string): Reading {
  return { is: "unreadable", problem: `${file} ${problem}` };
}

export function newIdentity(): { anonymousId: string; salt: string } {
  const { randomBytes } = process.getBuiltinModule("node:crypto");
  return { anonymousId: randomBytes(32).toString("hex"), salt: randomBytes(16).toString("hex") };
}

/**
 * Creates the file with all of `preferences`, or leaves the one that is there. True if it is this
 * call's. @throws where the folder can't be made or written.
 */
export function createPreferences(file: string, preferences: Preferences): boolean {
  mkdirSync(path.dirname(file), { recursive: true, mode: folderMode });
  const text = preferencesText(preferences);
  const draft = draftOf(file);
  const exclusively = { mode: fileMode, flag: "wx" };
  try {
    writeFileSync(draft, text, exclusively);
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
