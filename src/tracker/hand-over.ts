import { statSync } from "node:fs";
import { backoffUntil } from "../spool/backoff.ts";
import type { Batch } from "../spool/batch.ts";
import { dropLock, isTrusted, takeLock } from "../spool/lock.ts";
import type { SenderTask } from "../spool/task.ts";
import { replaceFile } from "../support/files.ts";
import { sinkKey } from "../support/sinks.ts";
import { senderCommand } from "./find-sender.ts";
import type { Ground } from "./ground.ts";
import { later } from "./later.ts";
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
    if (waitMs > 0) later().waitForDelivery(places.spool, batchId, waitMs);
    return;
  }
  const command = senderCommand(options.sender);
  const obstacle = obstacleTo(ground, base, now) ?? ("problem" in command && command.problem);
  if (obstacle || "problem" in command) {
    debug.say(`no sender is started: ${obstacle}`);
    later().trimSpool(places.spool, now);
    later().trimDays(places.rollups, now);
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
  if (waitMs > 0) later().waitForDelivery(places.spool, batchId, waitMs);
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

/** Milliseconds since 1970; 0 where there is no such file. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

export function taskFor(
  { debug, options, project, session, subject }: Ground,
  base: BatchBase,
): SenderTask {
  return {
    subject,
    projectFiles: project()?.packageFiles ?? [],
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
