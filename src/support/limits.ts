/**
 * Every limit of sendoff, one a line, with its unit in the name and its reason above it. No number
 * of this kind stands anywhere else.
 */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

// --- the spool: what may wait on a user's disk ------------------------------------------------

/** A month of a developer's builds; nobody's disk notices one mebibyte. */
export const spoolMaxBytes = 1024 * 1024;
/** About 500 builds between two working networks; also what a folder lists in under 2 ms. */
export const spoolMaxBatches = 500;
/** Older builds say little about today's, and collectors take nothing older. */
export const batchMaxAgeMs = 30 * day;
/** A build whose exit hook never ran is over by then; a torn file has no writer any more. */
export const abandonedAfterMs = 10 * minute;
/** One batch in this many is followed by a trim, so that a spool nobody sends stays bounded. */
export const writesPerTrim = 64;

/** On Windows, where an open file can't be replaced: readers of ours need one, scanners a few. */
export const replaceWaitMs = 50;
/** How often it is tried meanwhile. */
export const replacePollMs = 5;

// --- a request --------------------------------------------------------------------------------

/** What the usual edge functions and our own collector read without a second thought. */
export const requestMaxBytes = 64 * 1024;
/** Keeps a request's validation under a few milliseconds at the other end. */
export const requestMaxEvents = 100;
/** A batch becomes one request, which adds the machine and the ids to its events. */
export const batchMaxBytes = 60 * 1024;
/** An endpoint that needs longer is down, as far as a build's telemetry goes. */
export const attemptTimeoutMs = 5 * second;
/** One retry, after the usual hiccup of a load balancer is over. */
export const retryAfterMs = 500;
/** A `Retry-After` up to this is waited for; a longer one becomes the back-off. */
export const retryAfterInPlaceMs = second;
/** Less time than this is not enough for a fresh TLS connection and an answer. */
export const retryNeedsMs = 1.5 * second;
/** Kept free at the end of the sender's life, to write down how the last attempt ended. */
export const settleReserveMs = second;
/** Browsers' number of connections per host; more helps nobody with a few hundred batches. */
export const requestsAtOnce = 6;

// --- the sender -------------------------------------------------------------------------------

/** Two attempts of 5 s and the pause between them fit; nobody finds a sender the next minute. */
export const senderLifeMs = 12 * second;
/** How long a sender takes on new batches: what comes in then still gets one full attempt. */
export const senderAcceptsMs = 5 * second;
/** Builds that end in a row (a monorepo) find this sender still there. */
export const senderLingerMs = second;
/** How often a lingering sender looks. */
export const senderPollMs = 200;
/** A lock whose sender has not written its pid by then belongs to a start that failed. */
export const lockWithoutPidMs = 2 * second;
/** Longer than a sender can live: the claim's owner is dead, or must act as if it were. */
export const claimDeadAfterMs = 15 * second;

// --- back-off ---------------------------------------------------------------------------------

export const backoffBaseMs = minute;
/** One further off than this can only come from a clock that moved, and is void. */
export const backoffMaxMs = day;
/** After a 410 this product version stays silent for as long as a batch may be old. */
export const stoppedForMs = 30 * day;

// --- the build's process ----------------------------------------------------------------------

/** A terminal that a dev server opened passes its run on for as long as it is open. */
export const sessionMaxMs = day;
/** A process that lives on after a flush (a dev server) settles its batch by then. */
export const settleWhileAliveMs = 10 * second;
/**
 * How long the batch of a run that may be watching stays open for more compilers: one that depends
 * on another starts in the tick in which that ends, and esbuild's dispose comes in the next.
 */
export const watchSettlesAfterMs = second;
/** Files a build's output is sized by where the bundler doesn't tell: half a millisecond's worth. */
export const sizedFilesMax = 100;
/** How often a process that waits for its delivery looks. */
export const deliveryPollMs = 20;
/** Events held in memory at once; a tool that queues more is in a loop. */
export const queueMaxEvents = 10_000;

// --- what is kept for people to look at -------------------------------------------------------

export const sentKeepLines = 50;
export const sentKeepBytes = 256 * 1024;
/** Rollup lines of a day still being written; a day is complete this long after its end. */
export const rollupGraceMs = 10 * minute;
/** A rollup file longer than this stops growing: a loop, not a developer. */
export const rollupMaxBytes = 256 * 1024;

// --- commands ---------------------------------------------------------------------------------

/** A command holds its lock for milliseconds: one this old is a crashed command's. */
export const commandLockStaleMs = 10 * second;
/** Whoever types `disable` beside another command wants it done, not a word to try again. */
export const commandLockWaitMs = second;
/** How often it is tried meanwhile. */
export const commandLockPollMs = 10;
/** An endpoint that has not confirmed an erasure in a quarter of a year never will. */
export const erasureMaxAgeMs = 90 * day;

/** How soon the local page shows a build that has ended, while somebody has it open. */
export const localViewPollMs = second;

// --- identity ---------------------------------------------------------------------------------

export const rotateDaysDefault = 365;
/** Days, weeks and months that are remembered without an id: events come late, not three days late. */
export const firstsKept = 3;
