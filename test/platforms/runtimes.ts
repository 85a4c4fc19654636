import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** What npm has of Node, Bun, Deno and package managers, as setup.ts has fetched it. */
export const runtimesFolder = fileURLToPath(
  new URL("../../node_modules/.cache/sendoff-platforms", import.meta.url),
);

const fetched = (...names: string[]) => path.join(runtimesFolder, "node_modules", ...names);

const manifest = readFileSync(new URL("runtimes/package.json", import.meta.url), "utf8");
/** Without the patch. */
const versionOf = (name: string): string =>
  JSON.parse(manifest).dependencies[name].replace(/\.\d+$/, "");

export interface Runtime {
  title: string;
  /** As events call it. */
  runtime: "node" | "bun" | "deno";
  file: string;
  /** Between the runtime and the script. */
  args: string[];
}

export const nodes = [20, 22, 24, 26].map(
  (major): Runtime => ({
    title: `Node.js ${major}`,
    runtime: "node",
    file: fetched(`node-${major}`, "bin", "node"),
    args: [],
  }),
);
export const bun: Runtime = {
  title: `Bun ${versionOf("@oven/bun-linux-x64")}`,
  runtime: "bun",
  file: fetched("@oven", "bun-linux-x64", "bin", "bun"),
  args: [],
};
export const deno: Runtime = {
  title: `Deno ${versionOf("@deno/linux-x64-glibc")}`,
  runtime: "deno",
  file: fetched("@deno", "linux-x64-glibc", "deno"),
  args: ["run", "--allow-all"],
};
export const runtimes = [...nodes, bun, deno];

export const pnpm = fetched("pnpm", "bin", "pnpm.cjs");
export const yarn = fetched("@yarnpkg", "cli-dist", "bin", "yarn.js");
export const windowsNode = fetched("node-windows", "bin", "node.exe");

/** Why a test can't run that needs this file; undefined if it can. */
export function problemOf(file: string): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "runs on Linux on x64 only";
  const name = path.relative(fetched(), file);
  return existsSync(file) ? undefined : `npm could not fetch ${name}, see what the setup said`;
}
