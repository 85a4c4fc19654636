import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { problemOf, windowsNode } from "./runtimes.ts";

/**
 * Real Windows Node under Wine. Its files are those of this machine, below `Z:`; its processes are
 * such, too, and it refuses what Windows refuses: to replace an open file, to move a folder that a
 * process works in.
 */

const programs = ["/usr/lib/wine/wine64", "/usr/bin/wine64"];
const wine = programs.find((file) => existsSync(file)) ?? "";

/** Why it can't be started here; undefined if it can. */
export function wineProblem(): string | undefined {
  const missing = wine === "" ? "Wine is not installed (Debian: wine)" : undefined;
  return missing ?? problemOf(windowsNode);
}

export const windowsPath = (file: string) => `Z:${file.replaceAll("/", "\\")}`;

/** A Windows of its own, which takes a few seconds to be set up. */
export async function installWindows() {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), "sendoff-windows-"));
  const settings = {
    WINEPREFIX: path.join(folder, "prefix"),
    WINEDEBUG: "-all",
    WINEDLLOVERRIDES: "mscoree,mshtml=", // Or it offers to download Mono and Gecko.
    NODE_SKIP_PLATFORM_CHECK: "1",
    LC_ALL: "C.UTF-8", // By this it reads names of files.
  };
  let runs = 0;

  /** Its output goes to files: with pipes Node does not start under Wine. */
  async function node(args: string[], env: Record<string, string>, cwd = folder) {
    runs += 1;
    const files = ["out", "error"].map((name) => path.join(folder, `${name}-${runs}`));
    const [out, error] = files.map((file) => openSync(file, "w"));
    const child = spawn(wine, [windowsNode, ...args], {
      cwd,
      env: { ...env, ...settings },
      stdio: ["ignore", out, error],
      timeout: 150_000,
    });
    const [exitCode] = (await once(child, "exit")) as [number | null];
    for (const fd of [out, error]) closeSync(fd as number);
    const [stdout, stderr] = files.map((file) => readFileSync(file, "utf8").trimEnd());
    return { exitCode, stdout, stderr };
  }

  return {
    node,
    /** The Windows programs that run in it, by their command lines. */
    processes: () => commandLines(settings.WINEPREFIX),
    /** Of the user that runs the tests. */
    appData: () => {
      const users = path.join(settings.WINEPREFIX, "drive_c", "users");
      const user = readdirSync(users).find((name) => name !== "Public") ?? "";
      return path.join(users, user, "AppData");
    },
    async uninstall() {
      const env = { ...process.env, ...settings } as Record<string, string>;
      const server = path.join(path.dirname(wine), "wineserver");
      await execa(server, ["--kill"], { env, reject: false });
      await execa(server, ["--wait"], { env, reject: false });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function commandLines(prefix: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const isHere = readFileSync(`/proc/${pid}/environ`, "latin1").includes(prefix);
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return isHere && line !== "" ? [line] : [];
      } catch {
        return [];
      }
    });
}
