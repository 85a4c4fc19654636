import { statSync } from "node:fs";
import {
  type Batch,
  backoffUntil,
  dropLock,
  isTrusted,
  listSpool,
  type SenderTask,
  takeLock,
  trimDays,
  trimSpool,
} from "../spool/index.ts";
import { replaceFile } from "../support/files.ts";
import { deliveryPollMs } from "../support/limits.ts";
import { sinkKey } from "../support/sinks.ts";
import { senderCommand } from "./find-sender.ts";
import type { Ground } from "./ground.ts";
import { startSender } from "./start-sender.ts";
import type { BatchBase } from "./write-batch.ts";

/** The batch that was settled, and how. */
export interface Settled {
  base: BatchBase;
  batchId: string;
  /** Milliseconds that the process may wait for the delivery. */
  waitMs: number;
}

/**
 * After a batch was settled: sees to it that a sender looks at the spool, or trims the spool where
 * none may.
 */
export function handOver(ground: Ground, { base, batchId, waitMs }: Settled): void {
  const { debug, options, subject } = ground;
  const { places } = subject;
  const now = Date.now();
  // Before the back-off, which a sender that is at work has written for the time of its attempt.
  if (isTrusted(places.lock, now) && base.heldSince === undefined) {
    debug.say("a sender is at work, which takes this batch along");
    if (waitMs > 0) waitForDelivery(places.spool, batchId, waitMs);
    return;
  }
  const command = senderCommand(options.sender);
  const obstacle = obstacleTo(ground, base, now) ?? ("problem" in command && command.problem);
  if (obstacle || "problem" in command) {
    debug.say(`no sender is started: ${obstacle}`);
    trimSpool(places.spool, now);
    trimDays(places.rollups, now);
    return;
  }
  const task = taskFor(ground, base);
  // Debug waits for its sender, and so wants one that doesn't linger: without a lock.
  if (debug.mode !== "off") {
    startSender(command.args, task, debug);
    return;
  }
  const lockToken = takeLock(places.lock, now);
  // Without one, another build was faster.
  if (lockToken !== undefined) {
    if (options.flushEvery > 0) replaceFile(places.lastStart, "");
    const started = startSender(command.args, { ...task, lockToken }, debug);
    if (!started) {
      dropLock(places.lock, lockToken);
      return;
    }
  }
  if (waitMs > 0) waitForDelivery(places.spool, batchId, waitMs);
}

/** Shows what these events would send, and leaves nothing behind. */
export function showDry(ground: Ground, base: BatchBase, events: Batch["content"]["events"]): void {
  const { debug, options } = ground;
  const command = senderCommand(options.sender);
  if ("problem" in command) {
    debug.say(`the payload can't be shown: ${command.problem}`);
    return;
  }
  const dry = { ...base, batchId: "dry", content: { ...base.content, events } };
  startSender(command.args, { ...taskFor(ground, base), dry }, debug);
}

/** Why no sender is to be started now; undefined if one may. */
function obstacleTo(ground: Ground, base: BatchBase, now: number): string | undefined {
  const { options, subject } = ground;
  if (base.heldSince !== undefined) {
    return "this run showed the notice; its events wait for the next run";
  }
  const pauses = base.sinks.map((sink) => backoffUntil(subject.places.backoff, sinkKey(sink), now));
  if (pauses.length > 0 && !pauses.includes(undefined)) {
    const until = new Date(Math.min(...(pauses as number[]))).toISOString();
    return `the endpoint did not answer lately; next attempt after ${until}`;
  }
  const sinceLast = options.flushEvery > 0 ? now - changedAt(subject.places.lastStart) : now;
  if (!ground.facts().isCI && sinceLast >= 0 && sinceLast < options.flushEvery) {
    return `the last one was started ${Math.round(sinceLast / 1000)} s ago`;
  }
  return undefined;
}

/**
 * Blocks, for an exit hook can't do otherwise. Only in ephemeral places whose product asked for it:
 * where the build is a container's first process, its end is the sender's.
 */
function waitForDelivery(spool: string, batchId: string, waitMs: number): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  const until = performance.now() + waitMs;
  while (performance.now() < until && listSpool(spool).some((entry) => entry.batchId === batchId)) {
    Atomics.wait(clock, 0, 0, deliveryPollMs);
  }
}

/** Milliseconds since 1970; 0 where there is no such file. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function taskFor(
  { debug, options, project, session, subject }: Ground,
  base: BatchBase,
): SenderTask {
  return {
    subject,
    projectFiles: project().packageFiles,
    consent: options.consent,
    debug: debug.mode,
    runStartedAt: session.startedAt,
    rollup: rollupBase(base),
    countNames: options.definitions.counts,
  };
}

/** A day's counts belong to the machine, not to the run or project that happens to send them. */
function rollupBase({ heldSince: _, content, ...base }: BatchBase): Omit<Batch, "batchId"> {
  const context = { ...content.context, projectHash: null, sessionId: null };
  return { ...base, content: { ...content, context, events: [] } };
}
