import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

/** Installs the engines of this folder, if they aren't: 700 MB, for the collector's tests alone. */
export async function setup(): Promise<void> {
  const changed = (name: string) =>
    statSync(new URL(name, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changed("node_modules/.package-lock.json") > changed("package-lock.json")) {
    return;
  }
  const folder = fileURLToPath(new URL(".", import.meta.url));
  // Not `npm ci`, which refuses a lock without the packages for other systems that a mirror lacks.
  await execa("npm", ["install", "--no-save", "--no-audit", "--no-fund"], { cwd: folder });
}
