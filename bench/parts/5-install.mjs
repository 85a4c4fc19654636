import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { summary } from "../measure.mjs";

export const title = "Installing it";
export const minutes = () => 2;

const root = fileURLToPath(new URL("../..", import.meta.url));
const others = new URL("../others/package.json", import.meta.url);
const times = 3;

/** Of a framework, the package that its telemetry is in; Next.js and xmcp have none. */
const peers = [
  "@astrojs/telemetry",
  "posthog-node",
  "@datadog/webpack-plugin",
  "@codecov/webpack-plugin",
];

/** Seconds with npm's cache filled: what is measured is npm, not the network. */
export async function measure({ say }) {
  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-bench-"));
  try {
    const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
    const [{ filename, size }] = JSON.parse((await npm(pack, root)).stdout);
    const { optionalDependencies } = JSON.parse(readFileSync(others, "utf8"));
    const wanted = [["sendoff", path.join(folder, filename)]];
    for (const name of peers)
      wanted.push([name, `${name}@${optionalDependencies[name] ?? "latest"}`]);
    const found = { tarballBytes: size, packages: {} };
    for (const [name, spec] of wanted) {
      say(name);
      try {
        found.packages[name] = await install(spec, path.join(folder, "project"));
      } catch (error) {
        found.packages[name] = { problem: error.message.split("\n", 1)[0] };
      }
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function install(spec, project) {
  const seconds = [];
  // The first one fills the cache.
  for (let i = 0; i <= times; i++) {
    rmSync(project, { recursive: true, force: true });
    mkdirWithPackage(project);
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
    const { durationMs } = await npm(["install", spec, ...flags], project);
    if (i > 0) seconds.push(durationMs / 1000);
  }
  const lock = JSON.parse(readFileSync(path.join(project, "package-lock.json"), "utf8"));
  const files = readdirSync(path.join(project, "node_modules"), { recursive: true })
    .map((name) => statSync(path.join(project, "node_modules", name)))
    .filter((file) => file.isFile());
  return {
    packages: Object.keys(lock.packages).length - 1,
    files: files.length,
    kilobytes: files.reduce((sum, { size }) => sum + size, 0) / 1000,
    seconds: summary(seconds),
  };
}

function mkdirWithPackage(project) {
  mkdirSync(project);
  writeFileSync(path.join(project, "package.json"), '{ "private": true }');
}

function npm(args, cwd) {
  return execa("npm", args, { cwd, stdin: "ignore" });
}

export function tables({ tarballBytes, packages }, { table }) {
  const ran = Object.entries(packages).filter(([, { problem }]) => problem === undefined);
  const failed = Object.entries(packages).filter(([, { problem }]) => problem !== undefined);
  return [
    ...table(
      ["npm install", "packages", "files", "kB", "seconds"],
      ran.map(([name, { packages, files, kilobytes, seconds }]) => [
        name,
        String(packages),
        String(files),
        kilobytes.toFixed(0),
        seconds.median.toFixed(1),
      ]),
    ),
    ...failed.map(([name, { problem }]) => `  ${name} can't be installed here: ${problem}`),
    `  sendoff's tarball: ${(tarballBytes / 1000).toFixed(1)} kB`,
  ];
}
