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
  for (let kills = 0; kills < killsEach; ) {
    started += 1;
    const build = execa(process.execPath, [fixture("product.mjs"), "completed"], {
      env,
      extendEnv: false,
      reject: false,
    });
    if (random() < 0.5) {
      await pause(random() * 150);
      if (build.kill("SIGKILL")) kills += 1;
    }
    if ((await build).exitCode === 0) ended += 1;
    look();
    await pause(random() * 120);
    for (const pid of processesIn(home.path)) {
      if (random() < 0.7) kills += kill(pid);
    }
    look();
    // What a killed sender leaves (its lock, its claims, the back-off) is over in time.
    if (random() < 0.3) {
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
    case: `${machine}: ${killsEach} kills, ${started} builds, ${ended} ended`,
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
