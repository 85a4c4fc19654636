import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileMode, folderMode, isRecord, readIfThere, removeIfThere } from "../support/files.ts";

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
    if (text === undefined) return { is: "absent" };
    const json: unknown = JSON.parse(text);
    if (!isRecord(json)) return unreadable(file, "is not a JSON object");
    const nested = isRecord(json.telemetry) ? json.telemetry : {};
    return readKeys(file, (key) => (format === "flat" ? json[`telemetry.${key}`] : nested[key]));
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
 * Creates the file with all of `preferences`, or leaves the one that is there.
 * @throws where the folder can't be made or written.
 */
export function createPreferences(file: string, preferences: Preferences): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: folderMode });
  const text = preferencesText(preferences);
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  try {
    writeFileSync(draft, text, { mode: fileMode, flag: "wx" });
    // A link, not a rename: it fails where a file is, so that the first one stays.
    linkSync(draft, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== undefined && withoutLinks.has(code)) {
      createInOneWrite(file, text);
      return;
    }
    throw error;
  } finally {
    removeIfThere(draft);
  }
}

/** What file systems without hard links (exFAT, some network drives) answer. */
const withoutLinks = new Set(["ENOTSUP", "EOPNOTSUPP", "EPERM", "ENOSYS", "EMLINK"]);

function createInOneWrite(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: fileMode, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
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
