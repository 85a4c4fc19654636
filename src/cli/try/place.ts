import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { envPrefix } from "../../support/env.ts";
import { namesIn } from "../../support/files.ts";
import { isolatedHome } from "../../testing/isolated-home.ts";
import { type Receiver, startReceiver } from "../../testing/receiver.ts";
import type { Access } from "../access.ts";
import { type WaitingBatch, waitingBatches } from "../waiting.ts";

/** A home and an endpoint that nobody else has, for builds that are tried. */
export interface Place extends AsyncDisposable {
  receiver: Receiver;
  /** For a build with telemetry, and for the same build with it turned off. */
  on: Record<string, string>;
  off: Record<string, string>;
  /** The notice that was shown here, if one was. */
  notices: string;
  waiting(): WaitingBatch[];
  /** As if somebody had agreed. */
  agree(): void;
  /** Back to a machine that has seen the notice and has nothing to send: no sender, no back-off. */
  settle(): void;
}

export async function makePlace({ name, subject, options }: Access): Promise<Place> {
  const receiver = await startReceiver();
  const prefix = envPrefix(name);
  const offVariable = subject.offVariables[0] as string;
  const home = isolatedHome({
    env: {
      ...kept(process.env),
      // An empty home would make npm ask for its latest version.
      npm_config_update_notifier: "false",
      ...unset([...subject.offVariables, ...(options?.debugVariables ?? [])]),
      [`${prefix}_TELEMETRY_ENDPOINT`]: receiver.url,
    },
  });
  const on = { ...home.env, NODE_OPTIONS: nodeOptions(home.env.NODE_OPTIONS) };
  const state = home.stateFolder(name);
  const place: Place = {
    receiver,
    on,
    off: { ...on, [offVariable]: "1" },
    notices: path.join(state, "notices.json"),
    waiting: () => waitingBatches(path.join(state, "spool")),
    agree: () => void home.writePreferences(name, { notifiedAt: null }),
    settle() {
      endSender(path.join(state, "sender.lock"));
      for (const entry of namesIn(state)) {
        const remove = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 };
        if (entry !== "notices.json") rmSync(path.join(state, entry), remove);
      }
    },
    async [Symbol.asyncDispose]() {
      place.settle();
      await receiver.stop();
      home.remove();
    },
  };
  return place;
}

/** What the build itself may need, however little it says about telemetry. */
function kept(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = Object.keys(env).filter((name) => /_PROXY$/i.test(name));
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

function unset(names: readonly string[]): Record<string, undefined> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** Those of the build, such as a larger heap, and what the home needs. */
function nodeOptions(ofHome: string | undefined): string {
  return [process.env.NODE_OPTIONS, ofHome].filter(Boolean).join(" ");
}

/** One that waits for an answer that never comes would do so for another ten seconds. */
function endSender(lock: string): void {
  try {
    const { pid } = JSON.parse(readFileSync(lock, "utf8"));
    if (typeof pid === "number") process.kill(pid, "SIGKILL");
  } catch {
    // It has gone by itself.
  }
}
