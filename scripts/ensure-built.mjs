// Builds `dist` and `collector/dist` if they are missing or older than what they are made from. What
// runs the built files (`npm start`, the end-to-end tests) begins with this, so that nobody tests
// yesterday's build and nobody waits for one that is up to date.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const CLIENT = {
  sources: ["src", "scripts", "tsdown.config.ts", "tsconfig.json", "package-lock.json"],
  /** Written last, and only by a build that went well. */
  stamp: "dist/THIRD-PARTY-NOTICES.txt",
  command: "npm exec --no -- tsdown",
};

const COLLECTOR = {
  sources: [
    ...["collector/src", "collector/dashboard", "collector/tsdown.config.ts"],
    ...["collector/package.json", "src", "package-lock.json", "scripts/third-party.ts"],
  ],
  stamp: "collector/dist/THIRD-PARTY-NOTICES.txt",
  command: "npm run build -w collector",
};

/** Vitest calls this by its name, as a global setup. */
export function setup() {
  for (const { command, sources, stamp } of [CLIENT, COLLECTOR]) {
    if (lastChange(stamp) <= Math.max(...sources.map(lastChange))) build(command, dirname(stamp));
  }
}

/** What a build prints is for one that failed. @throws then. */
function build(command, folder) {
  console.error(`Building ${folder} …`);
  const options = { cwd: ROOT, shell: true, encoding: "utf8", maxBuffer: Infinity };
  const { status, stderr, stdout } = spawnSync(command, options);
  if (status === 0) return;
  console.error(stdout + stderr);
  throw new Error(`${folder} could not be built. If something isn't installed yet: npm ci`);
}

/** Folders count as well: a file that is gone shows in theirs alone. */
function lastChange(path) {
  const found = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  const inside = readdirSync(join(ROOT, path)).map((name) => lastChange(join(path, name)));
  return Math.max(found.mtimeMs, ...inside);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    setup();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
