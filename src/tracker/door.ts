import type { Decision, Subject } from "../consent/index.ts";
import type { SenderCommand } from "./find-sender.ts";
import type { ResolvedOptions } from "./options.ts";

/**
 * The one way into a tracker, for sendoff's own commands. They may come from another copy of this
 * package than the tracker does (an ES module beside a CommonJS one, or one that a product has
 * bundled), so the key is a symbol that all copies share, and carries the door's version.
 */
export const doorKey = Symbol.for("sendoff.door@1");

export interface TrackerDoor {
  options: ResolvedOptions;
  subject: Subject;
  /** The package.json files in which the project may say no. */
  projectFiles: readonly string[];
  inCI: boolean;
  /** May we, as things are now? A product that hasn't said yet counts as on. */
  decide(): Decision;
  /** As a build would start it. */
  senderCommand(): SenderCommand;
}
