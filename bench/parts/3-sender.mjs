import { fileURLToPath } from "node:url";
import { isolatedHome } from "sendoff/testing";
import { startPlace } from "../machine.mjs";
import { parts, rounds, run } from "../measure.mjs";
import { peersIn } from "../peers.mjs";
import { startTlsReceiver } from "../receiver.mjs";

export const title = "The sender";
export const minutes = (pairs) => Math.ceil(pairs / 7) + 1;

const inBench = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Its processor time and memory, and when the event was there, from the end of the build. */
export async function measure({ pairs, say }) {
  const peers = await peersSender();
  try {
    const variants = { sendoff, "node -e 0": bare, "xmcp 1.1, its own": peers.run };
    const found = await rounds(pairs, variants, say);
    return Object.fromEntries(Object.entries(found).map(([name, runs]) => [name, parts(runs)]));
  } finally {
    peers.stop();
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
      await run(xmcp.command, { env, cwd: xmcp.cwd });
      const endedAt = Date.now();
      const ended = await place.usage();
      const [{ cpuMs, peakKiB }] = ended.filter(({ script }) => /detached-flush/.test(script));
      const arrivalMs = receiver.requests[0].receivedAt - endedAt;
      return { cpuMs, peakKiB, arrivalMs };
    } finally {
      await place.remove();
    }
  };
  await build();
  return {
    run: build,
    stop() {
      receiver.stop();
      home.remove();
    },
  };
}

export function tables(results, { table, spread }) {
  return table(
    ["sender", "processor, ms", "peak memory, MiB", "event there after the build's end, ms"],
    Object.entries(results).map(([name, { cpuMs, peakKiB, arrivalMs }]) => [
      name,
      spread(cpuMs),
      (peakKiB.median / 1024).toFixed(1),
      arrivalMs ? spread(arrivalMs) : "",
    ]),
  );
}
