import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import {
  carriedOver,
  createPreferences,
  newIdentity,
  preferencesText,
} from "../consent/make-preferences.ts";
import { type Preferences, readPreferences } from "../consent/preferences.ts";
import { eraseWaiting } from "../spool/erase.ts";
import { pause, uptimeMs } from "../support/clock.ts";
import {
  createFile,
  isLink,
  makeFolders,
  moveIfThere,
  readIfThere,
  removeIfThere,
  replaceFile,
} from "../support/files.ts";
import { commandLockPollMs, commandLockStaleMs, commandLockWaitMs } from "../support/limits.ts";
import type { Places } from "../support/paths.ts";
import type { ResolvedOptions } from "./options.ts";

/** What the product says, as far as that is known. */
type ProductsView = Partial<Pick<ResolvedOptions, "alsoRead" | "identity">>;

/**
 * A person's choice, by command. Turning off deletes id and salt and all that waits, at once.
 * @returns the file that now holds the choice.
 * @throws where it can't be written, or another command is at it.
 */
export function chooseTelemetry(
  places: Places,
  choice: boolean | "local",
  options: ProductsView = {},
): string {
  const file = changePreferences(places, (before) => chosen(before, choice, options));
  if (choice === false) eraseWaiting(places);
  return file;
}

/**
 * Only this rewrites preferences, under a lock, and only commands call it. Undefined removes them.
 * @returns the file. @throws where it can't be written, or another command is at it.
 */
export function changePreferences(
  places: Places,
  change: (before: Preferences) => Preferences | undefined,
): string {
  const file = places.preferences;
  if (!path.isAbsolute(file)) throw new Error("There is no home folder: set HOME and try again.");
  makeFolders(path.dirname(file));
  const release = lock(`${file}.lock`);
  try {
    // A build may have made them since they were read, and recorded under the id that they hold.
    if (!isChanged(file, change)) isChanged(file, change);
  } finally {
    release();
  }
  return file;
}

/** False if there were none when they were read, and are some now. */
function isChanged(
  file: string,
  change: (before: Preferences) => Preferences | undefined,
): boolean {
  const reading = readPreferences({ file, format: "flat" });
  const after = change(reading.is === "read" ? reading.preferences : {});
  if (reading.is === "absent" && after) return createPreferences(file, after);
  const real = behindLink(file);
  if (after) replaceFile(real, preferencesText(after));
  else for (const each of [real, file]) removeIfThere(each);
  return true;
}

/** Some keep all such files in one place, and link to it: an id would live on in there. */
function behindLink(file: string): string {
  try {
    return isLink(file) ? realpathSync(file) : file;
  } catch {
    return file;
  }
}

function chosen(
  before: Preferences,
  choice: boolean | "local",
  { alsoRead = [], identity = "installation" }: ProductsView,
): Preferences {
  const { notifiedAt } = before;
  if (choice === false) return { enabled: false, ...(notifiedAt !== undefined && { notifiedAt }) };
  // Whoever agrees counts as told; and without a beginning an id's time never ends.
  const told = choice === true ? { notifiedAt: Date.now() } : {};
  if (identity === "none") return { ...told, ...before, enabled: choice };
  // After an opt-out the id that another version has made would be the one that was deleted.
  const isFirst = Object.keys(before).length === 0;
  const ids = isFirst ? carriedOver(alsoRead.map(readPreferences)) : newIdentity();
  return { ...ids, ...told, ...before, enabled: choice };
}

/** One command at a time: each reads what it rewrites. A person waits for it, and never a build. */
function lock(file: string): () => void {
  const token = `${process.pid} ${Math.random()}`;
  const until = uptimeMs() + commandLockWaitMs;
  while (!createFile(file, token) && !(isMovedAside(file, token) && createFile(file, token))) {
    if (uptimeMs() >= until) {
      throw new Error(
        "Another command is changing the preferences at this moment: try again when it has ended.",
      );
    }
    pause(commandLockPollMs);
  }
  return () => {
    if (readIfThere(file) === token) removeIfThere(file);
  };
}

/** A crashed command's lock. By a rename, so that of two commands one gets it. */
function isMovedAside(file: string, token: string): boolean {
  const since = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Math.abs(Date.now() - since) < commandLockStaleMs) return false;
  const aside = `${file}.${token.replace(/\W/g, "")}`;
  const isMoved = moveIfThere(file, aside);
  removeIfThere(aside);
  return isMoved;
}
