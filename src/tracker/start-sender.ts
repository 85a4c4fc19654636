import path from "node:path";
import type { SenderTask } from "../spool/task.ts";
import { type Debug, reason } from "../support/debug.ts";
import { senderTaskVariable, taskOnStdin } from "../support/env.ts";

/**
 * Starts the sender: a process of its own that the build neither waits for nor hears from. A start
 * that fails is a line of debug; the batch waits for the next build.
 */
export function startSender(args: readonly string[], task: SenderTask, debug: Debug): boolean {
  const { spawn, spawnSync } = process.getBuiltinModule("node:child_process");
  const options = {
    // Not the project's folder, which could then not be removed or unmounted while it runs.
    // Of a dry run there may be no state.
    cwd: task.dry ? path.parse(process.execPath).root : task.subject.places.state,
    env: senderEnv(process.env, task),
    windowsHide: true,
  };
  try {
    if (debug.mode !== "off") {
      // Somebody wants to see what happens, and so waits for it. stdout stays the build's.
      const input = JSON.stringify(task);
      const { error } = spawnSync(process.execPath, args, {
        ...options,
        input,
        stdio: ["pipe", 2, 2],
      });
      if (error) throw error;
      return true;
    }
    const child = spawn(process.execPath, args, {
      ...options,
      detached: true,
      // Any pipe to it would keep the build alive until it ends, `unref` or not.
      stdio: "ignore",
    });
    child.on("error", (error) => debug.say(`the sender did not start: ${reason(error)}`));
    child.unref();
    return child.pid !== undefined;
  } catch (error) {
    debug.say(`the sender did not start: ${reason(error)}`);
    return false;
  }
}

/** The build's environment, less what would debug, measure or change the sender. */
function senderEnv(env: NodeJS.ProcessEnv, task: SenderTask): NodeJS.ProcessEnv {
  const value = task.debug === "off" ? JSON.stringify(task) : taskOnStdin;
  const kept: NodeJS.ProcessEnv = { ...env, [senderTaskVariable]: value };
  // Not deleted: Node hands on its coverage folder unless the key is there.
  for (const name of unwanted) kept[name] = undefined;
  const nodeOptions = certificateFlags(env.NODE_OPTIONS);
  if (nodeOptions) kept.NODE_OPTIONS = nodeOptions;
  return kept;
}

const unwanted = [
  "NODE_OPTIONS",
  "NODE_V8_COVERAGE",
  "NODE_INSPECTOR_IPC",
  "VSCODE_INSPECTOR_OPTIONS",
  "NODE_DEBUG",
  "NODE_DEBUG_NATIVE",
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
  "NODE_REPL_EXTERNAL_MODULE",
  "BUN_INSPECT",
  "BUN_OPTIONS",
];

/** Of `NODE_OPTIONS`, what decides whom a TLS connection trusts. */
function certificateFlags(options: string | undefined): string {
  if (!options) return "";
  // Split as Node does, at spaces outside of quotes.
  const flags = options.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? [];
  return flags.filter((flag) => certificateFlag.test(flag)).join(" ");
}

const certificateFlag =
  /^"?--(?:use-(?:system|openssl|bundled)-ca"?$|openssl-(?:config=|(?:shared-config|legacy-provider)"?$))/;
