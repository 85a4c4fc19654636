import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { isolatedHome } from "sendoff/testing";
import { endpoints, startPlace } from "../machine.mjs";
import { LIMIT_MS, more, rounds, run, summary } from "../measure.mjs";
import { peersIn } from "../peers.mjs";
import { startTlsReceiver } from "../receiver.mjs";

export const title = "What a build takes longer";
/** Of a peer's builds, which take seconds, and up to half a minute where its telemetry waits. */
const peerRounds = (pairs) => Math.min(pairs, 7);
const fewestRounds = 3;
/** A peer that has taken this long begins no further round. */
const peerMs = 100_000;
export const minutes = (pairs) => Math.ceil(pairs / 8) + 2 * Math.min(peerRounds(pairs), 6);

/** Milliseconds, beside the same build without telemetry. */
export async function measure({ pairs, say }) {
  const results = [await ours(pairs, say)];
  const receiver = await startTlsReceiver();
  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-bench-"));
  try {
    for (const peer of peersIn(folder)) {
      results.push(await theirs(peer, { receiver, pairs: peerRounds(pairs), say }));
    }
  } finally {
    receiver.stop();
    rmSync(folder, { recursive: true });
  }
  return results;
}

async function ours(pairs, say) {
  const script = fileURLToPath(new URL("../webpack-build.mjs", import.meta.url));
  const build = async (mode, endpoint) => {
    const place = await startPlace(endpoint);
    try {
      const options = { env: place.env, cwd: place.home.path };
      const { ms } = await run([process.execPath, script, mode], options);
      // Not during the next build, from which a sender would take processor time.
      if (mode === "sendoff") await place.endSender();
      return ms;
    } finally {
      await place.remove();
    }
  };
  const variants = {
    plain: () => build("plain"),
    bare: () => build("bare"),
    ...Object.fromEntries(endpoints.map((name) => [name, () => build("sendoff", name)])),
  };
  for (const warm of [variants.plain, variants["at once"]]) await warm();
  const { plain, bare, ...found } = await rounds(pairs, variants, (what) =>
    say(`sendoff, ${what}`),
  );
  const added = Object.fromEntries(
    endpoints.map((name) => [
      name,
      { ...more(found[name], plain), moreThanBare: more(found[name], bare) },
    ]),
  );
  return { name: "sendoff, in webpack", plain: summary(plain), bare: more(bare, plain), added };
}

async function theirs(peer, { receiver, pairs, say }) {
  const home = isolatedHome();
  const build = async (isOn, endpoint) => {
    receiver.behave(endpoint);
    const before = receiver.requests.length;
    const { command = peer.command, env } = isOn ? peer : { ...peer, ...peer.off };
    const all = { ...home.env, ...receiver.env, ...env };
    const { ms } = await run(command(), { env: all, cwd: peer.cwd });
    if (isOn && endpoint === "at once" && receiver.requests.length === before) {
      throw new Error("it sent nothing");
    }
    return ms;
  };
  const variants = {
    plain: () => build(false, "at once"),
    ...Object.fromEntries(endpoints.map((name) => [name, () => build(true, name)])),
  };
  try {
    // The first ones fill caches and show notices.
    for (const warm of [variants.plain, variants["at once"]]) await warm();
    const { plain, ...found } = await peersRounds(pairs, variants, (what) =>
      say(`${peer.name}, ${what}`),
    );
    const added = Object.fromEntries(
      endpoints.map((name) => [name, { ...more(found[name], plain), isOver: isOver(found[name]) }]),
    );
    return { name: peer.name, plain: summary(plain), added };
  } catch (error) {
    return { name: peer.name, problem: firstLine(error) };
  } finally {
    home.remove();
  }
}

/** As `rounds`, within the time that a peer has. What was stopped twice is not waited for again. */
async function peersRounds(count, variants, say) {
  const found = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  const startedAt = performance.now();
  for (let round = 0; round < count; round++) {
    if (round >= fewestRounds && performance.now() - startedAt > peerMs) break;
    const isKnown = (name) => round >= 2 && isOver(found[name]);
    const left = Object.entries(variants).filter(([name]) => !isKnown(name));
    const one = await rounds(1, Object.fromEntries(turned(left, round)), (what) =>
      say(what.replace("1 of 1", `${round + 1} of ${count}`)),
    );
    for (const [name] of left) found[name].push(...one[name]);
  }
  return found;
}

/** Each round begins with another one. */
function turned(list, by) {
  return list.map((_, i) => list[(i + by) % list.length]);
}

function isOver(times) {
  return summary(times).median >= LIMIT_MS;
}

/** Of an error that tells all that a build has printed. */
function firstLine(error) {
  return error.message.split("\n", 1)[0];
}

export function tables(results, { table, ms, spread }) {
  const ran = results.filter(({ problem }) => problem === undefined);
  const failed = results.filter(({ problem }) => problem !== undefined);
  return [
    ...table(
      [
        "added wall time, ms",
        "rounds",
        "build",
        "bare spawn",
        ...endpoints.map((name) => `answer: ${name}`),
      ],
      ran.map(({ name, plain, bare, added }) => [
        name,
        String(plain.n),
        ms(plain.median),
        bare ? spread(bare) : "",
        ...endpoints.map((endpoint) =>
          added[endpoint].isOver ? `over ${LIMIT_MS / 1000} s` : spread(added[endpoint]),
        ),
      ]),
    ),
    ...failed.map(({ name, problem }) => `  ${name} does not run here: ${problem}`),
  ];
}
