// `node small-build.mjs <plain | bare | sendoff> <megabytes> <events>`: a build that does nothing
// but hold this much memory and record this many events. Says what they took, in milliseconds:
// `record`; `write` and `spawn`, which together are the flush and the exit hook.
import { mkdirSync, renameSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [mode, megabytes, events] = [process.argv[2], ...process.argv.slice(3).map(Number)];

const MiB = 1024 * 1024;
const held = [];
while (process.memoryUsage.rss() < megabytes * MiB) held.push(Buffer.alloc(16 * MiB, 1));

const took = {};
const say = () => writeSync(1, JSON.stringify(took));
if (mode === "sendoff") {
  const { event, telemetry } = await import("./product.mjs");
  took.record = timed(() => {
    for (let i = 0; i < events; i++) telemetry.record(event, true);
  });
  timeSpawn();
  took.write = timed(() => telemetry.flushDetached("build"));
  let before;
  process.prependListener("exit", () => {
    before = performance.now();
  });
  process.on("exit", () => {
    took.write += performance.now() - before - (took.spawn ?? 0);
    say();
  });
}
if (mode === "bare") {
  // The same files, the same process, and nothing to decide.
  const folder = path.join(process.env.HOME, "spool");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, String(process.pid));
  took.write = timed(() => writeFileSync(`${file}_open`, "x".repeat(1500)));
  process.on("exit", () => {
    took.write += timed(() => renameSync(`${file}_open`, `${file}_events`));
    took.spawn = timed(() => {
      const { spawn } = process.getBuiltinModule("node:child_process");
      const args = ["--require", fileURLToPath(new URL("usage.cjs", import.meta.url)), "-e", "0"];
      spawn(process.execPath, args, { detached: true, stdio: "ignore" }).unref();
    });
    say();
  });
}

function timed(work) {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** Of the tracker's exit hook, what Node takes to load its module and to start the process. */
function timeSpawn() {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = (id) => {
    if (id !== "node:child_process") return getBuiltinModule(id);
    let found;
    took.spawn = timed(() => {
      found = getBuiltinModule(id);
    });
    const spawn = (...args) => {
      let child;
      took.spawn += timed(() => {
        child = found.spawn(...args);
      });
      return child;
    };
    return { ...found, spawn };
  };
}
