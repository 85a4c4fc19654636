// Builds `dist` and `collector/dist` if they are missing or older than what they are made from. What
// runs the built files (`npm start`, the end-to-end tests) begins with this, so that nobody tests
// yesterday's build and nobody waits for one that is up to date.
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const CLIENT = {
  sources: ["src", "scripts", "tsdown.config.ts", "tsconfig.json", "package-lock.json"],
  /** Written last, and only by a build that went well. */
  stamp: "dist/THIRD-PARTY-NOTICES.txt",
  async build() {
    const { build } = await import("tsdown");
    await build({ logLevel: "warn" });
  },
};

const COLLECTOR = {
  sources: [
    ...["collector/src", "collector/dashboard", "collector/tsdown.config.ts"],
    ...["collector/package.json", "src", "package-lock.json", "scripts/third-party.ts"],
  ],
  stamp: "collector/dist/THIRD-PARTY-NOTICES.txt",
  build() {
    // Says nothing that isn't wrong.
    const stdio = ["ignore", "ignore", "inherit"];
    execFileSync("npm run build -w collector", { cwd: ROOT, shell: true, stdio });
  },
};

/** Vitest calls this by its name, as a global setup. */
export async function setup() {
  for (const { sources, stamp, build } of [CLIENT, COLLECTOR]) {
    if (lastChange(stamp) <= Math.max(...sources.map(lastChange))) await build();
  }
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
