import { isBehindDeadLink, isRecord, readIfThere } from "../support/files.ts";
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
      if (isBehindDeadLink(file)) return unreadable(file, "is behind a dead link");
      return { is: "absent" };
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
  if (isHex(anonymousId, 64, 64)) {
    preferences.anonymousId = anonymousId;
  }
  const salt = value("salt");
  if (isHex(salt, 16, 128)) preferences.salt = salt;
  return { is: "read", preferences };
}

function isHex(value: unknown, least: number, most: number): value is string {
  if (typeof value !== "string" || /[^0-9a-f]/.test(value)) return false;
  return value.length >= least && value.length <= most;
}

function unreadable(file: string, problem: string): Reading {
  return { is: "unreadable", problem: `${file} ${problem}` };
}
