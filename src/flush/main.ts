/**
 * The sender: a detached process of its own that delivers what builds have left in the spool. It
 * is the only code of sendoff that opens a connection. It takes nothing from its arguments, prints
 * nothing unless it is being debugged, and twelve seconds after its start it is gone, whatever
 * happens.
 *
 * This file is `sendoff/sender`. Importing it in any other process does nothing.
 */
import { readFileSync } from "node:fs";
import type { SenderTask } from "../spool/index.ts";
import { senderTaskVariable, taskOnStdin } from "../support/env.ts";
import { senderLifeMs } from "../support/limits.ts";
import { runSender } from "./sender.ts";

/**
 * For products whose executable is not Node itself (single-file executables, Electron): called
 * first thing in main, it turns a process that was started as the sender into one, and does not
 * resolve there. Everywhere else it resolves at once.
 */
export async function runSenderIfAsked(): Promise<void> {
  if (asked) await new Promise(() => {});
  (globalThis as { [appKey]?: true })[appKey] = true;
}

/** Tells the tracker that this executable, started again, becomes the sender. */
const appKey = Symbol.for("sendoff.app@1");

const asked = process.env[senderTaskVariable];
if (asked) void live(asked);

async function live(task: string): Promise<void> {
  // Not `process.exit()`: that waits for a name lookup under way, for up to half a minute.
  const end = () => process.kill(process.pid, "SIGKILL");
  setTimeout(end, senderLifeMs);
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
  try {
    await runSender(
      JSON.parse(task === taskOnStdin ? readFileSync(0, "utf8") : task) as SenderTask,
    );
  } finally {
    end();
  }
}
