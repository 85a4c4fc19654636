import { fileURLToPath } from "node:url";
import { isolatedHome } from "sendoff/testing";
import { startPlace } from "../machine.mjs";
import { parts, rounds, run } from "../measure.mjs";
import { peersIn } from "../peers.mjs";
import { startTlsReceiver } from "../receiver.mjs";

export const title = "The sender";
export const minutes = (pairs) => Math.ceil(pairs / 15) + 1;

const inBench = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Its processor time and memory, and when the event was there, from the end of the build. */
export async function measure({ pairs, say }) {
  const peers = await peersSender();
  try {
    const found = await rounds(pairs, { sendoff, "node -e 0": bare }, say);
    const ours = Object.entries(found).map(([name, runs]) => [name, parts(runs)]);
    return Object.fromEntries([...ours, ["xmcp 1.1, its own", await theirs(peers, pairs, say)]]);
  } finally {
    peers.stop();
  }
}

async function theirs(peers, pairs, say) {
  try {
    await peers.run(); // Fills caches and shows the notice.
    const { xmcp } = await rounds(Math.min(pairs, 11), { xmcp: peers.run }, say);
    return parts(xmcp);
  } catch (error) {
    return { problem: error.message.split("\n", 1)[0] };
  }
}

async function sendoff() {
  const place = await startPlace();
  try {
    const command = [process.execPath, inBench("small-build.mjs"), "sendoff", "0", "1"];
    await run(command, { env: place.env });
    const endedAt = Date.now();
    const [{ receivedAt }] = await place.receiver.waitForRequests(1);
    const [{ cpuMs, peakKiB }] = await place.usage();
    return { cpuMs, peakKiB, arrivalMs: receivedAt - endedAt };
  } finally {
    await place.remove();
  }
}

async function bare() {
  const place = await startPlace();
  try {
    await run([process.execPath, "--require", inBench("usage.cjs"), "-e", "0"], place);
    const [{ cpuMs, peakKiB }] = await place.usage();
    return { cpuMs, peakKiB };
  } finally {
    await place.remove();
  }
}

/** Of the peers xmcp alone hands a build's event to a process of its own. */
async function peersSender() {
  const receiver = await startTlsReceiver();
  const home = isolatedHome();
  const xmcp = peersIn(home.path).find(({ name }) => name.startsWith("xmcp"));
  const build = async () => {
    const place = await startPlace();
    const { NODE_OPTIONS, ...redirected } = receiver.env;
    const env = {
      ...place.env,
      ...redirected,
      NODE_OPTIONS: `${NODE_OPTIONS} --require ${JSON.stringify(inBench("usage.cjs"))}`,
    };
    try {
      receiver.requests.length = 0;
      await run(xmcp.command(), { env, cwd: xmcp.cwd });
      const endedAt = Date.now();
      const ended = await place.usage();
      const [{ cpuMs, peakKiB }] = ended.filter(({ script }) => /detached-flush/.test(script));
      const arrivalMs = receiver.requests[0].receivedAt - endedAt;
      return { cpuMs, peakKiB, arrivalMs };
    } finally {
      await place.remove();
    }
  };
  return {
    run: build,
    stop() {
      receiver.stop();
      home.remove();
    },
  };
}

export function tables(results, { table, spread }) {
  const ran = Object.entries(results).filter(([, { problem }]) => problem === undefined);
  const failed = Object.entries(results).filter(([, { problem }]) => problem !== undefined);
  const head = ["sender", "rounds", "processor, ms", "peak memory, MiB"];
  return [
    ...table(
      [...head, "event there after the build's end, ms"],
      ran.map(([name, { cpuMs, peakKiB, arrivalMs }]) => [
        name,
        String(cpuMs.n),
        spread(cpuMs),
        (peakKiB.median / 1024).toFixed(1),
        arrivalMs ? spread(arrivalMs) : "",
      ]),
    ),
    ...failed.map(([name, { problem }]) => `  ${name} does not run here: ${problem}`),
  ];
}
