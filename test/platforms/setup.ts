import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type ExecaError, execa } from "execa";
import { runtimesFolder } from "./runtimes.ts";

/**
 * Fetches what the tests run on, once, by a lock of its own into a folder that no package here
 * knows of. What could not be fetched the tests skip, and say so.
 */
export async function setup(): Promise<void> {
  const ours = (file: string) => path.join(import.meta.dirname, "runtimes", file);
  const theirs = (file: string) => path.join(runtimesFolder, file);
  // Written last, so that a fetch that broke off is known by it.
  const done = theirs("fetched.json");
  if (read(done) === read(ours("package-lock.json"))) return;
  mkdirSync(runtimesFolder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) copyFileSync(ours(file), theirs(file));
  try {
    // By force: one of them is for Windows.
    await execa("npm", ["ci", "--ignore-scripts", "--force", "--no-audit", "--no-fund"], {
      cwd: runtimesFolder,
    });
    copyFileSync(ours("package-lock.json"), done);
  } catch (error) {
    console.error(
      `what the platform tests run on was not fetched: ${(error as ExecaError).shortMessage}`,
    );
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
