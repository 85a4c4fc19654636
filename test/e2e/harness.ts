import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { isolatedHome, startReceiver } from "sendoff/testing";
import { onTestFinished } from "vitest";

/** What end-to-end tests share: a home and a receiver each, and real processes. */

export const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** Tests that run side by side pass their context: whose end it is can't be told otherwise. */
export async function setUp(
  hooks: { onTestFinished(end: () => Promise<void>): void } = { onTestFinished },
) {
  const receiver = await startReceiver();
  const home = isolatedHome();
  hooks.onTestFinished(async () => {
    await receiver.stop();
    await senderGone(home.path);
    home.remove();
  });
  const env = { ...home.env, ACME_TELEMETRY_ENDPOINT: receiver.url };
  return {
    receiver,
    home,
    env,
    /** Runs the little build tool of the fixtures to its end. */
    product: (scenario: string, extra: Record<string, string> = {}, ...more: string[]) =>
      execa(process.execPath, [fixture("product.mjs"), scenario, ...more], {
        env: { ...env, ...extra },
        extendEnv: false,
        reject: false,
      }),
    /** A machine on which the notice was shown before. */
    settledIn: () => home.writePreferences("acme", {}),
  };
}

/** Moves the waiting batches' back-off out of the way, as time would. */
export function flushCommand(env: NodeJS.ProcessEnv, name = "acme") {
  const bin = fileURLToPath(new URL("../../dist/bin.mjs", import.meta.url));
  return execa(process.execPath, [bin, "flush", "--name", name], {
    env: env as Record<string, string>,
    extendEnv: false,
    reject: false,
  });
}

/** Processes whose environment names this home: senders, for nothing else runs in it. */
export function processesIn(home: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(home);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** A sender ends after twelve seconds; as long again for a machine that others use too. */
const longestLifeMs = 25_000;

/**
 * Resolves when no process is left in this home; throws of one that is seen for too long, however
 * many come and go meanwhile. A process has no event to wait for: polled.
 */
export async function senderGone(home: string): Promise<void> {
  const firstSeen = new Map<number, number>();
  for (;;) {
    const left = processesIn(home);
    if (left.length === 0) return;
    for (const pid of left) {
      const since = firstSeen.get(pid) ?? Date.now();
      firstSeen.set(pid, since);
      if (Date.now() - since > longestLifeMs) throw new Error(`still there: ${commandOf(pid)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
  } catch {
    return "a process that has ended since";
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
