import {
  chownSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { SettingsError, ToldError } from "../config/told-error.ts";
import { hashOf } from "../ingest/row-of.ts";
import type { IdHash } from "../rows/row.ts";

/**
 * Installations whose events are taken and thrown away: a client that is refused would only send
 * again. A file of one hash a line, beside the database, that a running collector reads anew when
 * it has changed.
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
 */
export function changeBan(database: string, id: string, isBanned: boolean): IdHash {
  const hash = hashIn(id);
  const owner = statSync(database, { throwIfNoEntry: false });
  if (!owner) {
    throw new SettingsError(`${database} isn't there: name the collector's file by --database.`);
  }
  const file = bansOf(database);
  const next = `${file}.new`;
  // From here on nobody else changes the file.
  makeAlone(next);
  try {
    const hashes = new Set(readBans(file));
    if (isBanned) hashes.add(hash);
    else hashes.delete(hash);
    writeFileSync(next, [...hashes].map((line) => `${line}\n`).join(""));
    // Root's own file would be closed to the collector's user.
    if (process.getuid?.() === 0) chownSync(next, owner.uid, owner.gid);
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
  return hash;
}

/**
 * A file that is there belongs to another who makes it, for a moment; one of long ago to a process that
 * was killed.
 * @throws ToldError where others are at it for longer than that.
 */
function makeAlone(file: string): void {
  for (let tries = 0; tries < 1000; tries += 1) {
    try {
      closeSync(openSync(file, "wx", 0o600));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const found = statSync(file, { throwIfNoEntry: false });
    if (found && Date.now() - found.mtimeMs > LEFT_BEHIND_MS) rmSync(file, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
  throw new ToldError(`${file} is being written by another command: try again.`);
}

const LEFT_BEHIND_MS = 5000;

/** Where a collector with this database looks. */
export function bansOf(database: string): string {
  return `${database}.bans`;
}

function readBans(file: string): Set<IdHash> {
  try {
    return new Set(
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => hash16.test(line)),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Set();
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
