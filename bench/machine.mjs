import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { isolatedHome, startReceiver } from "sendoff/testing";

/** What the endpoint does, in the order in which it gets worse. */
export const endpoints = ["at once", "1 s", "never", "refused"];
export const wording = {
  "at once": "answers at once",
  "1 s": "answers after 1 s",
  never: "never answers",
  refused: "refuses",
};

const here = fileURLToPath(new URL(".", import.meta.url));
const SENDER_IS_LATE_MS = 60_000;

/** The one this runs on, as the tables name it. */
export function thisMachine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model ?? "unknown",
    cores: cpus.length,
    memoryGB: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()}`,
    node: process.version,
  };
}

/**
 * Where one build runs: a home in which the notice is known, an endpoint, and a sender that writes
 * down what it takes.
 */
export async function startPlace(endpoint = "at once") {
  const receiver = await startReceiver();
  if (endpoint === "1 s") receiver.behave("accept", { delay: 1000 });
  if (endpoint === "never") receiver.behave("hang");
  if (endpoint === "refused") receiver.behave("refuse");
  // Reading a company's certificates takes Node 20 some 30 ms, whatever it runs.
  const home = isolatedHome({ env: { NODE_EXTRA_CA_CERTS: undefined } });
  known ??= homeWithNotice();
  cpSync((await known).path, home.path, { recursive: true });
  const usage = path.join(home.path, "usage.jsonl");
  const lines = () => {
    const text = existsSync(usage) ? readFileSync(usage, "utf8") : "";
    return text.split("\n").flatMap((line) => (line ? [JSON.parse(line)] : []));
  };
  return {
    home,
    receiver,
    env: {
      ...home.env,
      ACME_TELEMETRY_ENDPOINT: receiver.url,
      SENDOFF_BENCH_SENDER: path.join(here, "measured-sender.cjs"),
      SENDOFF_BENCH_USAGE: usage,
    },
    /** Has the process that the build has started out of the way of the next build. */
    async endSender() {
      const until = Date.now() + SENDER_IS_LATE_MS;
      while (lines().length === 0) {
        if (Date.now() > until) throw new Error("a sender that should have been started was not");
        await pause(5);
      }
      for (const { pid } of lines()) endProcess(pid);
    },
    /** Resolves with what senders, and processes in their place, took, when all have ended. */
    async usage(atLeast = 1) {
      const lock = path.join(home.stateFolder("acme"), "sender.lock");
      const until = Date.now() + SENDER_IS_LATE_MS;
      // A process that is not one's own child ends without an event.
      while (Date.now() < until) {
        const [started, ended] = [false, true].map((isEnd) =>
          lines().filter((line) => "cpuMs" in line === isEnd),
        );
        const isOver = ended.length >= atLeast && ended.length === started.length;
        if (isOver && !existsSync(lock)) return ended;
        await pause(20);
      }
      throw new Error("a sender that should have been started was not, or does not end");
    },
    async remove() {
      await receiver.stop();
      home.remove();
    },
  };
}

function endProcess(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

let known;

/** What the first build on a machine leaves, without its event. */
async function homeWithNotice() {
  const home = isolatedHome();
  process.once("exit", () => home.remove());
  const command = [path.join(here, "small-build.mjs"), "sendoff", "0", "1"];
  await execa(process.execPath, command, { env: home.env, extendEnv: false });
  for (const { file } of home.spool("acme")) {
    rmSync(path.join(home.stateFolder("acme"), "spool", file));
  }
  return home;
}
