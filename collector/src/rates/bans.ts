import { appendFileSync, chownSync, readFileSync, statSync } from "node:fs";
import { SettingsError, ToldError } from "../config/told-error.ts";
import { hashOf } from "../ingest/row-of.ts";
import type { IdHash } from "../rows/row.ts";

/**
 * Installations whose events are taken and thrown away: a client that is refused would only send
 * again. A file of one hash a line, after "-" where it is taken back, beside the database, that a
 * running collector reads anew when it has changed.
 */
export interface Bans {
  has(anonymousId: string | null): boolean;
  /** Looks whether the file has changed. */
  refresh(): void;
}

/** @param onError told, once, of a file that can't be read; what it said before stays. */
export function openBans(file: string, onError: (error: Error) => void): Bans {
  let hashes: ReadonlySet<IdHash> = new Set();
  let seen = "";
  const bans: Bans = {
    has: (anonymousId) =>
      hashes.size > 0 && anonymousId !== null && hashes.has(hashOf(anonymousId)),
    refresh() {
      const found = statSync(file, { throwIfNoEntry: false });
      const state = found ? `${found.ctimeMs} ${found.size} ${found.ino}` : "";
      if (state === seen) return;
      seen = state;
      try {
        hashes = readBans(file);
      } catch (error) {
        onError(error as Error);
      }
    },
  };
  bans.refresh();
  return bans;
}

/**
 * @param database the collector's, beside which the file is.
 * @param id 64 hexadecimal digits, or the 16 of its hash.
 * @returns the hash.
 * @throws SettingsError for an id that is neither, or where no database is.
 * @throws ToldError where it can't be written.
 */
export function changeBan(database: string, id: string, isBanned: boolean): IdHash {
  const hash = hashIn(id);
  const owner = statSync(database, { throwIfNoEntry: false });
  if (!owner || owner.isDirectory()) {
    const problem = owner ? "is a folder" : "isn't there";
    throw new SettingsError(`${database} ${problem}: name the collector's file by --database.`);
  }
  const file = bansOf(database);
  try {
    // A line more, in one write, so that no command undoes another's.
    appendFileSync(file, `${isBanned ? "" : TAKEN_BACK}${hash}\n`, { mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ToldError(
      `${file} can't be written (${code}): let the collector's user write there, and run this as that user.`,
      { cause: error },
    );
  }
  // Root's own file would be closed to the collector's user.
  if (process.getuid?.() === 0) chownSync(file, owner.uid, owner.gid);
  return hash;
}

const TAKEN_BACK = "-";

/** Where a collector with this database looks. */
export function bansOf(database: string): string {
  return `${database}.bans`;
}

function readBans(file: string): Set<IdHash> {
  const hashes = new Set<IdHash>();
  for (const line of linesOf(file)) {
    const isBack = line.startsWith(TAKEN_BACK);
    const hash = isBack ? line.slice(TAKEN_BACK.length) : line;
    if (!hash16.test(hash)) continue;
    if (isBack) hashes.delete(hash);
    else hashes.add(hash);
  }
  return hashes;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

const hash16 = /^[0-9a-f]{16}$/;

function hashIn(id: string): IdHash {
  if (hash16.test(id)) return id;
  if (/^[0-9a-f]{64}$/.test(id)) return hashOf(id);
  throw new SettingsError(
    "An id is 64 hexadecimal digits (anonymousId, as `show` prints it on its machine), or the 16 of its hash.",
  );
}
