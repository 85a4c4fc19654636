import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { pause, uptimeMs } from "./clock.ts";
import { replacePollMs, replaceWaitMs } from "./limits.ts";

/** The few things that both processes do with files, with the modes and errors they agree on. */

export const fileMode = 0o600;
const folderMode = 0o700;

/**
 * Makes a folder of ours, or throws. A symbolic link in its place is refused: it would let whoever
 * placed it have our files written elsewhere.
 */
export function makeFolder(folder: string): void {
  const isOwn = () => lstatSync(folder, { throwIfNoEntry: false })?.isDirectory();
  if (isOwn()) return;
  makeFolders(folder);
  if (!isOwn()) throw new Error(`${folder} is not a folder of its own`);
}

/**
 * With those above it, or throws. Node's own `recursive` has no end where a parent is there and takes
 * no folder, saying ENOENT: below /proc, and where homes are mounted as they are asked for.
 */
export function makeFolders(folder: string): void {
  const missing = missingAbove(folder);
  if (missing === undefined) return;
  const parent = path.dirname(folder);
  if (!existsSync(parent)) {
    if (parent === folder || isLink(parent)) throw missing;
    makeFolders(parent);
  }
  // It is there now, by us or by another process; else it takes no folder.
  const still = missingAbove(folder);
  if (still !== undefined) throw still;
}

/** Makes one, or returns the error where what is above it is missing. @throws any other trouble. */
function missingAbove(folder: string): Error | undefined {
  try {
    mkdirSync(folder, { mode: folderMode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return error as Error;
    const isThere = code === "EEXIST" && statSync(folder, { throwIfNoEntry: false })?.isDirectory();
    if (!isThere) throw error;
  }
  return undefined;
}

/**
 * The file's text, or undefined where there is none. Any other trouble is thrown. Most files that a
 * build looks for aren't there, and an error that is thrown costs ten times what this question does.
 */
export function readIfThere(file: string): string | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    // Whoever opens a pipe waits for whoever writes to it, and no timer ends that.
    if (!found.isFile() && !found.isDirectory()) throw wrongKind(file);
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Gone in between; or a file where a folder should be.
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** What is in a folder; nothing where there is none, or none that may be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** BSD's code for it; Linux has none. */
function wrongKind(file: string): Error {
  return Object.assign(new Error(`${file} is no file`), { code: "EFTYPE" });
}

/** The file's JSON where it is an object, else undefined, whatever the trouble. */
export function readJson<T extends object>(file: string): Partial<T> | undefined {
  try {
    const text = readIfThere(file);
    return text === undefined ? undefined : parseRecord<T>(text);
  } catch {
    return undefined;
  }
}

/** Undefined for what is no JSON, or no object. */
export function parseRecord<T extends object>(text: string): Partial<T> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? (value as Partial<T>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Replaces a file in one step: readers see the old text or the new, never a part. What comes `first`
 * does so once there is room for it; if that throws, nothing is replaced.
 */
export function replaceFile(file: string, text: string, first?: () => void): void {
  const draft = draftOf(file);
  try {
    writeFileSync(draft, text, { mode: fileMode, flag: "wx" });
    first?.();
    renameOver(draft, file);
  } catch (error) {
    removeIfThere(draft);
    throw error;
  }
}

/**
 * Windows replaces no file that somebody has open, be it a reader of ours or a virus scanner. Both
 * are done in a moment. @throws where they aren't.
 */
export function renameOver(from: string, to: string): void {
  const until = uptimeMs() + replaceWaitMs;
  while (true) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      const isInUse = process.platform === "win32" && ["EACCES", "EBUSY", "EPERM"].includes(code);
      if (!isInUse || uptimeMs() >= until) throw error;
      pause(replacePollMs);
    }
  }
}

/** True if this call created it; false if it was there. @throws any other trouble. */
export function createFile(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: "wx", mode: fileMode });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** A name beside the file that no other process, and no other call, writes to. */
export function draftOf(file: string): string {
  return `${file}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
}

/** True if this call removed it. */
export function removeIfThere(file: string): boolean {
  try {
    unlinkSync(file);
    return true;
  } catch {
    return false;
  }
}

/** True if this call moved it; false if another was first. */
export function moveIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** `devNull` of `node:os`, which takes a quarter of a millisecond to load. */
export function nullDevice(): string {
  return process.platform === "win32" ? "\\\\.\\nul" : "/dev/null";
}

/** Also one that leads nowhere. */
export function isLink(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    return false;
  }
}

/** Whether the file, or a folder above it, is a link to nothing: what lies there can't be told. */
export function isBehindDeadLink(file: string): boolean {
  if (existsSync(file)) return false;
  const parent = path.dirname(file);
  return isLink(file) || (parent !== file && isBehindDeadLink(parent));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
