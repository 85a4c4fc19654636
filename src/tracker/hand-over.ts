import {
  type Batch,
  backoffUntil,
  dropLock,
  type SenderTask,
  takeLock,
  trimSpool,
} from "../spool/index.ts";
import { sinkKey } from "../support/sinks.ts";
import { findSender } from "./find-sender.ts";
import type { Ground } from "./ground.ts";
import { startSender } from "./start-sender.ts";
import type { BatchBase } from "./write-batch.ts";

/**
 * After a batch was settled: sees to it that a sender looks at the spool, or trims the spool where
 * none may.
 */
export function handOver(ground: Ground, base: BatchBase): void {
  const { debug, subject } = ground;
  const { places } = subject;
  const now = Date.now();
  const sender = findSender(ground.options.sender);
  const obstacle = obstacleTo(base, sender, places.backoff, now);
  if (obstacle !== undefined || sender === undefined) {
    debug.say(`no sender is started: ${obstacle}`);
    trimSpool(places.spool, now);
    return;
  }
  // Debug wants a sender of its own, whose lines show; claims keep it and another one apart.
  if (debug.mode !== "off") {
    startSender(sender, taskFor(ground, base), debug);
    return;
  }
  const lockToken = takeLock(places.lock, now);
  if (lockToken === undefined) return; // A sender is there that will still look.
  const started = startSender(sender, { ...taskFor(ground, base), lockToken }, debug);
  if (!started) dropLock(places.lock, lockToken);
}

/** Shows what these events would send, and leaves nothing behind. */
export function showDry(ground: Ground, base: BatchBase, events: Batch["content"]["events"]): void {
  const { debug, options } = ground;
  const sender = findSender(options.sender);
  if (sender === undefined) {
    debug.say("sendoff/sender was not found, so the payload can't be shown");
    return;
  }
  const dry = { ...base, batchId: "dry", content: { ...base.content, events } };
  startSender(sender, { ...taskFor(ground, base), dry }, debug);
}

function obstacleTo(
  { heldSince, sinks }: BatchBase,
  sender: string | undefined,
  backoffFolder: string,
  now: number,
): string | undefined {
  if (heldSince !== undefined)
    return "this run showed the notice; its events wait for the next run";
  if (sender === undefined) {
    return "sendoff/sender was not found; bundle it beside the product and pass its path as `sender`";
  }
  const pauses = sinks.map((sink) => backoffUntil(backoffFolder, sinkKey(sink), now));
  if (pauses.length === 0 || pauses.includes(undefined)) return undefined;
  const until = new Date(Math.min(...(pauses as number[]))).toISOString();
  return `the endpoint did not answer lately; next attempt after ${until}`;
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
  };
}

/** A day's counts belong to the machine, not to the run or project that happens to send them. */
function rollupBase({ heldSince: _, content, ...base }: BatchBase): Omit<Batch, "batchId"> {
  const context = { ...content.context, projectHash: null };
  return { ...base, content: { ...content, context, events: [] } };
}
