import type { Dropped } from "../ingest/accept-payload.ts";
import type { WriteResult } from "../store/store.ts";

/** What is counted of ingest; no value of an event, no id, no address is among it. */
export interface Tally {
  answered(what: "ingest" | "erase", status: number, seconds: number): void;
  /** By what came before its body, or by its length. */
  refused(what: "ingest" | "erase", status: number): void;
  wrote(product: string, result: WriteResult): void;
  dropped(reasons: Dropped): void;
  banned(): void;
  /** A browser has told of something that the page's policy forbids. */
  violated(): void;
}

/** For a platform that keeps no counts. */
export const noTally: Tally = {
  answered() {},
  refused() {},
  wrote() {},
  dropped() {},
  banned() {},
  violated() {},
};
