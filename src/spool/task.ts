import type { Subject } from "../consent/index.ts";
import type { DebugMode } from "../support/debug.ts";
import type { Batch } from "./batch.ts";

/**
 * What a build hands to its sender, in an environment variable: the process list, which every user
 * of the machine can read, shows Node and the sender's file, and nothing else.
 */
export interface SenderTask {
  subject: Subject;
  /** The package.json files of the build's project, where it may say no. */
  projectFiles: readonly string[];
  consent: "opt-out" | "opt-in";
  debug: DebugMode;
  /** When the build's run began: it may not send what a later notice holds back. */
  runStartedAt: number;
  /** The lock that the build took for this sender. */
  lockToken?: string;
  /** For `sendoff flush`: somebody asked for it. */
  ignoreBackoff?: boolean;
  /** For `…_DEBUG_TELEMETRY=dry`: show what this batch would send, and do nothing else. */
  dry?: Batch;
  /** What a day's counts need to become a batch; without it they wait for a product's own sender. */
  rollup?: Omit<Batch, "batchId" | "heldSince">;
  /** The names that the definitions list for those counts. */
  countNames?: readonly string[];
}
