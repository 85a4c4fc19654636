import { startMachine } from "./machine.mjs";
import { progress } from "./terminal.mjs";

const ROUNDS = 5;
/** On a slow machine the last rounds are left out. */
const ENOUGH_ROUNDS = 3;
const ENOUGH_MS = 20_000;

const kinds = ["webpack", "esbuild"].flatMap((bundler) => [
  { bundler, broken: false, endpoints: [true, false] },
  { bundler, broken: true, endpoints: [false] },
]);

/**
 * Builds without and with telemetry, in turns, so that a busy moment hits all alike. Each build
 * with telemetry has a machine of its own, like `first`: on the same one, builds would leave an
 * endpoint alone that didn't answer the last time.
 * @returns a row for each kind of build and endpoint, with its runs.
 */
export async function compare(first) {
  const rows = kinds.flatMap(({ bundler, broken, endpoints }) =>
    endpoints.map((answers) => ({ bundler, broken, answers, without: [], with: [] })),
  );
  const startedAt = Date.now();
  for (let round = 1; round <= ROUNDS; round += 1) {
    if (round > ENOUGH_ROUNDS && Date.now() - startedAt > ENOUGH_MS) break;
    for (const { bundler, broken } of kinds) {
      progress(`round ${round} of ${ROUNDS}: ${bundler}${broken ? ", failing" : ""}`);
      const plain = await first.build(bundler, { plain: true, broken });
      for (const row of rows) {
        if (row.bundler !== bundler || row.broken !== broken) continue;
        const machine = await startMachine({ answers: row.answers, like: first });
        row.without.push(plain);
        row.with.push(await buildAndSend(machine, row));
      }
    }
  }
  return rows;
}

async function buildAndSend(machine, { bundler, broken }) {
  const build = await machine.build(bundler, { broken });
  // Now, not during the next build: the sender's start would take processor time from it.
  const [request] = await machine.received(1);
  return { ...build, machine, request, requestAfterMs: request.receivedAt - build.endedAt };
}

/** Exit status and output are what they are without telemetry. */
export function isUnchanged(row) {
  return row.with.every((build, round) =>
    ["exitCode", "stdout", "stderr"].every((part) => build[part] === row.without[round][part]),
  );
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
