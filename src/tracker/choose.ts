import { mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  newIdentity,
  type Preferences,
  preferencesText,
  readPreferences,
} from "../consent/index.ts";
import { eraseWaiting } from "../spool/index.ts";
import { fileMode, folderMode, replaceFile } from "../support/files.ts";
import type { Places } from "../support/paths.ts";

/**
 * A person's choice, by command. Only this rewrites preferences, under a lock. Turning off deletes
 * id and salt and all that waits, at once.
 * @returns the file that now holds the choice.
 * @throws where it can't be written, or another command is at it.
 */
export function chooseTelemetry(places: Places, choice: boolean | "local"): string {
  const file = places.preferences;
  if (!path.isAbsolute(file)) throw new Error("There is no home folder; set HOME and try again.");
  mkdirSync(path.dirname(file), { recursive: true, mode: folderMode });
  const release = lock(`${file}.lock`);
  try {
    replaceFile(file, preferencesText(chosen(file, choice)));
  } finally {
    release();
  }
  if (choice === false) eraseWaiting(places);
  return file;
}

function chosen(file: string, choice: boolean | "local"): Preferences {
  const reading = readPreferences({ file, format: "flat" });
  const before: Preferences = reading.is === "read" ? reading.preferences : {};
  const told = before.notifiedAt === undefined ? {} : { notifiedAt: before.notifiedAt };
  if (choice === false) return { enabled: false, ...told };
  return { ...newIdentity(), ...before, enabled: choice };
}

function lock(file: string): () => void {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx", mode: fileMode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new Error(
      `Another command is changing the preferences. If there is none, remove ${file} and try again.`,
    );
  }
  return () => unlinkSync(file);
}
