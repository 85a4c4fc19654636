import { performance } from "node:perf_hooks";
import { execa } from "execa";

/** Whoever takes longer waits for something that doesn't come; where that ends is its own affair. */
export const LIMIT_MS = 30_000;

/** Ends when the process has ended and its output is closed, as a shell or CI sees it. */
export async function run(command, { env, cwd }) {
  const [file, ...args] = command;
  const startedAt = performance.now();
  const { exitCode, stdout, shortMessage, timedOut, stderr } = await execa(file, args, {
    ...{ cwd, env, extendEnv: false, reject: false, stdin: "ignore" },
    ...{ timeout: LIMIT_MS, killSignal: "SIGKILL" },
  });
  const ms = performance.now() - startedAt;
  if (!timedOut && exitCode !== 0) {
    throw new Error([shortMessage, stdout, stderr].join("\n"));
  }
  return { ms, stdout };
}

/**
 * Each round measures every variant once, so that a busy moment hits all alike, and each round
 * begins with another one, so that none profits from what its neighbour has warmed.
 * @returns what each variant has returned, by its name.
 */
export async function rounds(count, variants, say = () => {}) {
  const names = Object.keys(variants);
  const found = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < count; round++) {
    for (const offset of names.keys()) {
      const name = names[(round + offset) % names.length];
      say(`round ${round + 1} of ${count}: ${name}`);
      found[name].push(await variants[name]());
    }
  }
  return found;
}

/** Of pairs: what the one has more than the other, round by round. */
export function more(values, base) {
  return summary(values.map((value, round) => value - base[round]));
}

export function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => {
    const place = (sorted.length - 1) * share;
    const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return below + (above - below) * (place % 1);
  };
  return { median: at(0.5), q1: at(0.25), q3: at(0.75), n: sorted.length };
}

/** Of runs that have measured several things each. */
export function parts(runs) {
  return Object.fromEntries(
    Object.keys(runs[0]).map((part) => [part, summary(runs.map((run) => run[part]))]),
  );
}

/** In words, as people say it. */
export function duration(ms) {
  return Math.abs(ms) < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
