import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ToldError } from "./told-error.ts";

/**
 * Looks, by a file that is made and removed, whether a folder takes files: before anything else is
 * done there, and since an engine tells of it as if its own file were broken.
 * @param instead what an operator can do but change the folder, to end the sentence.
 * @throws ToldError that says which folder, why and what to do.
 */
export function checkFolder(folder: string, instead: string): void {
  const file = join(folder, `.sendoff-${randomUUID()}`);
  try {
    writeFileSync(file, "", { flag: "wx", mode: 0o600 });
    rmSync(file);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new ToldError(`${folder} ${problem(folder, code)} ${instead}.`, { cause: error });
  }
}

function problem(folder: string, code: string): string {
  if (!existsSync(folder)) return "isn't there: make that folder, or";
  if (code === "ENOTDIR") return "is no folder:";
  return `takes no files (${code}): let this user write there, or`;
}

/** Makes it where it isn't there, and those it is in. @throws ToldError as `checkFolder` does. */
export function makeFolder(folder: string, instead: string, mode = 0o777): void {
  // First, since Node's `recursive` never ends below /proc.
  checkFolder(nearestThere(resolve(folder)), instead);
  mkdirSync(folder, { recursive: true, mode });
}

function nearestThere(folder: string): string {
  return existsSync(folder) ? folder : nearestThere(dirname(folder));
}
