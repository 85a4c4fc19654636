import { rmSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { fixture, flushCommand, processesIn, senderGone, setUp } from "../e2e/harness.ts";
import { timePasses } from "../e2e/time-passes.ts";
import { createLedger, isLong, seededRandom, tally, waitingIn } from "./harness.ts";

/**
 * Builds and senders that are killed at random moments. Each build records one event: recorded for
 * certain if the build came to its end, and in any case once its file was seen complete. All of
 * that has to arrive, once.
 */
const ledger = createLedger("SIGKILL at random moments", { isSorted: true });
const machines = isLong ? 6 : 2;
const killsEach = isLong ? 170 : 20;

it(`nothing is lost or counted twice in ${machines * killsEach} kills`, {
  timeout: 20 * 60_000,
}, async () => {
  const names = Array.from({ length: machines }, (_, i) => `machine ${i + 1}`);
  await Promise.all(names.map(killOn));
});

async function killOn(machine: string): Promise<void> {
  const random = seededRandom(machine);
  const { env, home, product, receiver } = await setUp();
  const state = home.stateFolder("acme");
  await product("completed"); // Shows the notice.
  receiver.behave(async () => {
    await pause(random() * 30);
    return "accept" as const;
  });
  const seen = new Set<string>();
  const look = () => {
    for (const id of home.spool("acme").flatMap(waitingIn)) seen.add(id);
  };
  let started = 1;
  let ended = 1;
  const killed = { builds: 0, senders: 0 };
  while (killed.builds + killed.senders < killsEach) {
    started += 1;
    const build = execa(process.execPath, [fixture("product.mjs"), "completed"], {
      env,
      extendEnv: false,
      reject: false,
    });
    const isBuilds = random() < 0.5;
    if (isBuilds) {
      await pause(random() * 150);
      build.kill("SIGKILL");
    }
    const { exitCode, signal } = await build;
    if (exitCode === 0) ended += 1;
    if (signal === "SIGKILL") killed.builds += 1;
    look();
    if (!isBuilds) {
      // While it comes up, or in the middle of a request.
      await pause(random() * 600);
      for (const pid of processesIn(home.path)) killed.senders += kill(pid);
      look();
    }
    // What a killed sender leaves is over in time: its lock and the back-off; then its claims, too.
    if (random() < 0.8) {
      for (const name of ["sender.lock", "backoff"]) {
        rmSync(path.join(state, name), { recursive: true, force: true });
      }
    }
    if (random() < 0.1) {
      await senderGone(home.path);
      timePasses(state);
    }
  }
  await senderGone(home.path);
  timePasses(state);
  if ((await product("completed")).exitCode === 0) ended += 1;
  started += 1;
  await senderGone(home.path);
  for (let i = 0; i < 3 && home.spool("acme").length > 0; i++) {
    timePasses(state);
    await flushCommand(env);
  }
  const received = new Set(receiver.uniqueEvents.map(({ id }) => id));
  expect([...seen].filter((id) => !received.has(id))).toEqual([]);
  expect(received.size).toBeGreaterThanOrEqual(ended);
  expect(received.size).toBeLessThanOrEqual(started);
  const recorded = new Set([...seen, ...received]).size;
  ledger.add({
    case: `${machine}: ${killed.builds} of ${started} builds and ${killed.senders} senders killed`,
    recorded,
    ...tally(receiver.requests, home.spool("acme")),
  });
  expect(home.files().filter((file) => /spool\/|\.tmp$|\.stale$/.test(file))).toEqual([]);
}

/** 1 if it was there to be killed. */
function kill(pid: number): number {
  try {
    process.kill(pid, "SIGKILL");
    return 1;
  } catch {
    return 0;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
