import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

/** Installs the packages of this folder, if they aren't, for the matrix alone. */
export async function setup(): Promise<void> {
  const changed = (name: string) =>
    statSync(new URL(name, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changed("packages/node_modules/.package-lock.json") > changed("packages/package-lock.json"))
    return;
  const folder = fileURLToPath(new URL("packages", import.meta.url));
  // Not `npm ci`, which refuses a lock without the packages for other systems that a mirror lacks.
  await execa("npm", ["install", "--no-save", "--no-audit", "--no-fund"], { cwd: folder });
}
