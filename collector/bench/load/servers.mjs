import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { bundleSource } from "../bundled.mjs";

/** @returns a server in a process of its own. */
async function start(args, { folder } = {}) {
  const child = execa(process.execPath, args, { stderr: "inherit", buffer: false, reject: false });
  const [url] = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", (line) => resolve([line]));
    child.once("exit", (code) => reject(new Error(`It ended with ${code}.`)));
  });
  return {
    url,
    pid: child.pid,
    residentMiB: () =>
      Math.round(
        Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]) / 1024,
      ),
    /** Seconds of processor time so far, of all its threads. */
    processorSeconds() {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    async stop() {
      child.kill("SIGTERM");
      await child;
      if (folder) rmSync(folder, { recursive: true });
    },
  };
}

export function startBare() {
  return start([fileURLToPath(new URL("bare-server.mjs", import.meta.url))]);
}

/** @param big a database to start with, which is copied. */
export async function startCollector({ big, profile } = {}) {
  const program = await bundleSource("../test/fixtures/serving-collector");
  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-load-"));
  const file = path.join(folder, "telemetry.db");
  if (big) cpSync(big, file);
  const flags = profile ? ["--cpu-prof", "--cpu-prof-name=collector.cpuprofile"] : [];
  return start([...flags, program, file], { folder });
}
