import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { isolatedHome, startReceiver } from "sendoff/testing";
import { note } from "./log.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Less than the 5 s that an attempt has, and far more than an exit takes on a busy machine. */
const ANSWER_IS_KEPT_MS = 4_000;
/** A sender lives 12 s; a busy machine may be late to end it. */
const SENDER_IS_LATE_MS = 15_000;

/** All there are, so that nothing of them is left behind. */
export const machines = [];
process.once("exit", () => {
  for (const { home } of machines) home.remove();
});

/**
 * A developer's machine, as far as telemetry can tell: a home of its own, and an endpoint that
 * nobody else sends to, and which hands what it takes to the collector. `like` is a machine that
 * lends a copy of its home, where the notice is known.
 */
export async function startMachine({ answers = true, like, collector = like?.collector }) {
  const home = isolatedHome();
  if (like) cpSync(like.home.path, home.path, { recursive: true });
  const env = { ...home.env, ACME_EXAMPLE_OUT: path.join(home.path, "out") };

  const machine = {
    receiver: undefined,
    collector,
    /** Whether the endpoint does; until it is told otherwise. */
    answers,
    home,
    /** The ids of the events that the endpoint has answered for. */
    delivered: new Set(),
    /** Whether a build was still there though its request had been without an answer for long. */
    wasWaitedFor: false,
    /** Resolves with the time at which its sender had gone; undefined as long as there was none. */
    senderGone: undefined,

    /** Ends when the process has ended and its output is closed, as a shell would see it. */
    async build(bundler, { plain = false, broken = false } = {}) {
      env.ACME_EXAMPLE_BREAK = broken ? "1" : "0";
      building = run(`examples/${bundler}/${plain ? "build-plain" : "build"}.mjs`);
      return await building;
    },
    /** Resolves with the requests when this many have come in. */
    received: (count) => machine.receiver.waitForRequests(count, { timeout: 20_000 }),
    flush: () => run("dist/bin.mjs", "flush", "--name", "acme"),
    /** Resolves when nothing of it runs any more. */
    async stop() {
      await machine.receiver?.stop();
      await machine.senderGone;
    },
  };

  /**
   * The endpoint doesn't answer while the build is there. So whether a build waits doesn't have to
   * be told from how long it took, which depends on what else this computer does: one that waits
   * sits there until the answer is no longer kept from it.
   */
  async function answer(request) {
    machine.senderGone ??= processGone(senderOf(home));
    const isGone = building.then(() => true);
    if (!(await Promise.race([isGone, pause(ANSWER_IS_KEPT_MS, false, { ref: false })]))) {
      machine.wasWaitedFor = true;
    }
    if (!machine.answers) return "hang";
    await collector.take(request);
    for (const { id } of request.payload.events) machine.delivered.add(id);
    return "accept";
  }

  async function run(script, ...args) {
    const { durationMs, exitCode, stdout, stderr } = await execa(
      process.execPath,
      [path.join(ROOT, script), ...args],
      { cwd: ROOT, env, extendEnv: false, reject: false },
    );
    const endedAt = Date.now();
    note(`${script}: status ${exitCode}, ${Math.round(durationMs)} ms`, stdout, stderr);
    return { durationMs, endedAt, exitCode, stdout, stderr };
  }

  let building = Promise.resolve();
  machines.push(machine);
  machine.receiver = await startReceiver({ behaviour: answer });
  env.ACME_TELEMETRY_ENDPOINT = machine.receiver.url;
  return machine;
}

/** The process that sends for this home. Its lock says so for its first five seconds. */
function senderOf(home) {
  try {
    return JSON.parse(readFileSync(path.join(home.stateFolder("acme"), "sender.lock"), "utf8")).pid;
  } catch {
    return undefined;
  }
}

/** Nothing tells when another's process ends: it is looked for. Infinity if it is still there. */
async function processGone(pid) {
  const until = Date.now() + SENDER_IS_LATE_MS;
  while (isAlive(pid)) {
    if (Date.now() > until) return Number.POSITIVE_INFINITY;
    await pause(200);
  }
  return Date.now();
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    // In a container without an init, what has ended stays in the list.
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
