import { holdsBack } from "../consent/index.ts";
import type { SenderTask } from "../spool/index.ts";
import {
  type Claim,
  claimBatch,
  confirmLock,
  dropLock,
  listTakeable,
  readBatch,
  sweepDrafts,
  trimSpool,
} from "../spool/index.ts";
import { uptimeMs } from "../support/clock.ts";
import { createDebug, reason } from "../support/debug.ts";
import {
  requestsAtOnce,
  senderAcceptsMs,
  senderLifeMs,
  senderLingerMs,
  senderPollMs,
} from "../support/limits.ts";
import { type DeliveryRun, deliverBatch } from "./deliver.ts";
import { askErasures } from "./erase.ts";
import { requestsOf } from "./payload.ts";
import { createPermit } from "./permit.ts";
import { rollUp } from "./rollup.ts";
import { createSinkRuns } from "./sinks.ts";

/**
 * One sender's run: delivers what waits, goes on accepting what builds leave behind for up to five
 * seconds, removes its lock, looks a last time, and is done. See src/spool for why nothing falls
 * between.
 */
export async function runSender(
  task: SenderTask,
  onAnswer?: DeliveryRun["onAnswer"],
): Promise<void> {
  const startedAt = uptimeMs();
  const elapsedMs = () => uptimeMs() - startedAt;
  const { places } = task.subject;
  const debug = createDebug(task.debug);
  if (task.dry) {
    for (const { body } of requestsOf(task.dry)) debug.say(`would send ${body}`);
    return;
  }
  const isPermitted = createPermit(task, debug);
  const sinkRun = createSinkRuns(places.backoff, task.ignoreBackoff ?? false);
  const run: DeliveryRun = {
    places,
    debug,
    lifeLeftMs: () => senderLifeMs - elapsedMs(),
    isPermitted,
    sinkRun,
    ...(onAnswer && { onAnswer }),
  };
  const tried = new Set<string>();
  const { lockToken } = task;
  if (!isPermitted()) {
    if (lockToken !== undefined) dropLock(places.lock, lockToken);
    return;
  }
  const locked =
    lockToken !== undefined && confirmLock(places.lock, lockToken, process.pid, Date.now());
  // Removed on time, also while an attempt is under way: builds trust what it says.
  const dropOnTime = setTimeout(() => leave(), senderAcceptsMs);
  const leave = () => {
    clearTimeout(dropOnTime);
    if (locked) dropLock(places.lock, lockToken);
  };

  try {
    try {
      rollUp(task, Date.now());
    } catch (error) {
      debug.say(`sender: counts wait, ${reason(error)}`);
    }
    const look = () => deliverWaiting(run, tried, task.runStartedAt);
    await look();
    if (locked) await linger(look, () => senderAcceptsMs - elapsedMs());
    leave();
    // Until nothing was left to take: an attempt's back-off keeps builds from starting a sender.
    while (await look());
    const { ignoreBackoff = false } = task;
    await askErasures({ places, lifeLeftMs: run.lifeLeftMs, ignoreBackoff });
    trimSpool(places.spool, Date.now());
    sweepDrafts(places, Date.now());
  } catch (error) {
    debug.say(`sender: ${reason(error)}`);
  } finally {
    leave();
  }
}

/** Builds that end in a row find this sender still there; with none for a second it leaves. */
async function linger(look: () => Promise<boolean>, acceptsLeftMs: () => number): Promise<void> {
  let quietSince = uptimeMs();
  while (uptimeMs() - quietSince < senderLingerMs && acceptsLeftMs() > senderPollMs) {
    await new Promise((resolve) => setTimeout(resolve, senderPollMs));
    if (await look()) quietSince = uptimeMs();
  }
}

/**
 * Delivers every batch that this run has not tried yet; true if there was one. The first goes
 * alone: an endpoint that is down is asked once, not six times at once.
 */
async function deliverWaiting(
  run: DeliveryRun,
  tried: Set<string>,
  startedAt: number,
): Promise<boolean> {
  const entries = listTakeable(run.places.spool, Date.now())[Symbol.iterator]();
  const next = (): Claim | undefined => {
    for (const entry of entries) {
      if (!run.isPermitted()) return undefined;
      if (tried.has(entry.batchId)) continue;
      tried.add(entry.batchId);
      if (!mayDeliver(run, entry, startedAt)) continue;
      const claim = claimBatch(run.places.spool, entry, Date.now());
      if (claim) return claim;
    }
    return undefined;
  };
  const first = next();
  if (!first) return false;
  await deliverBatch(run, first);
  const work = async () => {
    for (let claim = next(); claim; claim = next()) await deliverBatch(run, claim);
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, work));
  return true;
}

/** Looks into a batch before it is claimed: is one of its sinks open, and is it not held back? */
function mayDeliver(
  { sinkRun }: DeliveryRun,
  entry: { file: string },
  runStartedAt: number,
): boolean {
  const parsed = readBatch(entry.file);
  if (parsed.is !== "batch") return true; // Claiming it decides what becomes of it.
  const { heldSince, sinks } = parsed.batch;
  if (heldSince !== undefined && holdsBack(heldSince, runStartedAt, Date.now())) return false;
  return sinks.some((options) => sinkRun(options)?.isOpen());
}
