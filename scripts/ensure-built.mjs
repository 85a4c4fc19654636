// Builds `dist` if it is missing or older than what it is made from. What runs the built files
// (`npm start`, the end-to-end tests) begins with this, so that nobody tests yesterday's build and
// nobody waits for one that is up to date.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = ["src", "scripts", "tsdown.config.ts", "tsconfig.json", "package-lock.json"];

/** Written last, and only by a build that went well. */
const STAMP = "dist/THIRD-PARTY-NOTICES.txt";

/** Vitest calls this by its name, as a global setup. */
export async function setup() {
  if (lastChange(STAMP) > Math.max(...SOURCES.map(lastChange))) return;
  const { build } = await import("tsdown");
  await build({ logLevel: "warn" });
}

/** Folders count as well: a file that is gone shows in theirs alone. */
function lastChange(path) {
  const found = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  const inside = readdirSync(join(ROOT, path)).map((name) => lastChange(join(path, name)));
  return Math.max(found.mtimeMs, ...inside);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(ROOT);
  await setup();
}
