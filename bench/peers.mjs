import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * What others do, each in the build its authors meant it for; `off` is the same without it. A command
 * throws where it can't be run here.
 */

const others = fileURLToPath(new URL("others/", import.meta.url));

export function peersIn(folder) {
  return [
    {
      name: "Next.js 16, its own",
      command: () => [newerNode(), "../node_modules/next/dist/bin/next", "build"],
      cwd: path.join(others, "next"),
      off: { env: { NEXT_TELEMETRY_DISABLED: "1" } },
    },
    {
      name: "Astro 7, its own",
      command: () => [newerNode(), "../node_modules/astro/bin/astro.mjs", "build"],
      cwd: path.join(others, "astro"),
      off: { env: { ASTRO_TELEMETRY_DISABLED: "1" } },
    },
    {
      name: "xmcp 1.1, its own",
      command: () => [process.execPath, "../node_modules/xmcp/dist/cli.js", "build"],
      cwd: path.join(others, "xmcp"),
      off: { env: { XMCP_TELEMETRY_DISABLED: "true" } },
    },
    webpack(folder, "posthog", "posthog-node 5, in webpack"),
    webpack(folder, "datadog", "Datadog's webpack plugin"),
    webpack(folder, "codecov", "Codecov's webpack plugin"),
  ];
}

function webpack(folder, peer, name) {
  const out = path.join(folder, peer);
  const command = [process.execPath, path.join(others, "webpack.mjs"), out];
  return {
    name,
    command: () => [...command, peer],
    cwd: folder,
    off: { command: () => [...command, "plain"] },
  };
}

let found;

/** Astro 7 wants Node 22, and so does some of what Codecov's plugin brings. */
export function newerNode() {
  found ??= findNewerNode();
  return found;
}

function findNewerNode() {
  if (Number(process.versions.node.split(".")[0]) >= 22) return process.execPath;
  const args = ["-y", "-p", "node@22", "-c", "node -p process.execPath"];
  return execFileSync("npx", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}
