import { type BuildCommand, type BuildRun, runBuild } from "./builds.ts";
import type { Place } from "./place.ts";

/** The same build with telemetry and without, in turn, while the endpoint never answers. */
export interface Comparison {
  withTelemetry: BuildRun[];
  without: BuildRun[];
  /** For each build with telemetry: milliseconds from its end until its request came in. */
  requestAfterMs: number[];
}

export interface ToCompare {
  place: Place;
  command: BuildCommand;
  pairs: number;
  cancelSignal: AbortSignal;
  onPair(pair: number): void;
}

/** How long a sender may take until it has connected; on a busy machine it starts slowly. */
const requestWithinMs = 10_000;

export async function compareBuilds(toCompare: ToCompare): Promise<Comparison> {
  const { place, command, pairs, cancelSignal, onPair } = toCompare;
  const found: Comparison = { withTelemetry: [], without: [], requestAfterMs: [] };
  place.receiver.behave("hang");
  const runWith = async () => {
    place.settle();
    const { requests } = place.receiver;
    const before = requests.length;
    const run = await runBuild(command, place.on, cancelSignal);
    found.withTelemetry.push(run);
    try {
      await place.receiver.waitForRequests(before + 1, { timeout: requestWithinMs });
      const came = requests[before]?.receivedAt.getTime() ?? run.endedAt;
      found.requestAfterMs.push(came - run.endedAt);
    } catch {
      // A build that starts no sender each time; there is nothing to wait for, then.
    }
    place.settle();
  };
  const runWithout = async () => {
    found.without.push(await runBuild(command, place.off, cancelSignal));
  };
  for (let pair = 0; pair < pairs; pair++) {
    onPair(pair + 1);
    // In turn, so that a machine that grows warm or busy treats both alike.
    for (const run of pair % 2 === 0 ? [runWith, runWithout] : [runWithout, runWith]) await run();
  }
  return found;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** By how much the middle half of the values differs. */
export function spread(values: readonly number[]): number {
  return quantile(values, 0.75) - quantile(values, 0.25);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [below = 0, above = 0] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}
