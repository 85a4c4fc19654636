/**
 * The spool: the files between a build and its sender, and all that the two processes say to each
 * other. A build writes a batch and renames it; senders claim, seal, settle and remove it.
 *
 * Why no batch falls between a build that sees a live sender and a sender about to leave:
 *
 * - A build settles its batch (rename to `_events.json`) *before* it looks at the lock.
 * - A sender removes its lock, by the time the lock itself names, *before* it looks for the last
 *   time.
 *
 * So if the build still found the lock, the batch was there before the lock went, and the last
 * look comes after: the sender sees it. If the build found no lock, or one past its time, it
 * starts a sender of its own. A lock that was removed by mistake, or replaced, only leads to one
 * sender more, and claims keep senders apart. A sender that dies leaves batches to the next
 * build's; a claim that dies with it is taken over after 15 s.
 *
 * What a build loads (src/tracker) imports the files themselves: by way of this one it would load all.
 */

export { backoffUntil, beginAttempt, clearBackoff, extendBackoff } from "./backoff.ts";
export {
  type Asks,
  type Batch,
  type FirstOf,
  isSealed,
  parseBatch,
  type Request,
  type SealedBatch,
  type WireEvent,
} from "./batch.ts";
export {
  type Claim,
  claimBatch,
  leftFor,
  listTakeable,
  noteLeft,
  readBatch,
  releaseClaim,
  removeClaim,
  sealBatch,
  stillMine,
} from "./claim.ts";
export { sweepDrafts } from "./drafts.ts";
export { eraseFirsts, eraseState, eraseWaiting } from "./erase.ts";
export { type Erasure, forgetErasure, listErasures, rememberErasure } from "./erasures.ts";
export { claimFirsts } from "./firsts.ts";
export { countWaiting, listSpool } from "./list.ts";
export { confirmLock, dropLock, isTrusted, takeLock } from "./lock.ts";
export { type Payload, payloadOf } from "./payload.ts";
export {
  appendCount,
  type DayCount,
  type RolledDay,
  readDays,
  removeDay,
  takeCompletedDays,
  trimDays,
} from "./rollups.ts";
export { keepLine, lastSentAt, readLines, readSent, type SentLine } from "./sent.ts";
export { noteStopped } from "./stopped.ts";
export type { SenderTask } from "./task.ts";
export { trimSpool } from "./trim.ts";
export {
  replaceOpenBatch,
  settleBatch,
  writeOpenBatch,
} from "./write.ts";
