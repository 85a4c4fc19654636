import path from "node:path";

/**
 * What a file in the spool is, by its name alone. Moving a batch on is renaming it:
 * `open` (its build still runs) → `events` (waits) → `claimed` (a sender has it) → gone.
 */
type Kind = "open" | "events" | "claimed" | "draft";

export interface SpoolName {
  kind: Kind;
  batchId: string;
  /** When it was claimed: milliseconds since 1970. */
  claimedAt?: number;
}

const pattern =
  /^([0-9a-f-]{36})_(open|events|claimed\.(\d{1,15})\.[a-z0-9]{1,16})\.json(\..*\.tmp)?$/;

/** Undefined for a file that is not ours. */
export function parseName(file: string): SpoolName | undefined {
  const match = pattern.exec(file);
  const batchId = match?.[1];
  if (!match || batchId === undefined) return undefined;
  if (match[4]) return { kind: "draft", batchId };
  if (match[3]) return { kind: "claimed", batchId, claimedAt: Number(match[3]) };
  return { kind: match[2] as "open" | "events", batchId };
}

export function openFile(spool: string, batchId: string): string {
  return path.join(spool, `${batchId}_open.json`);
}

export function eventsFile(spool: string, batchId: string): string {
  return path.join(spool, `${batchId}_events.json`);
}

/** A name that no other claim has, so that its owner can tell whether it is still the owner. */
export function claimFile(spool: string, batchId: string, now: number): string {
  const unique = Math.random().toString(36).slice(2, 12) || "0";
  return path.join(spool, `${batchId}_claimed.${now}.${unique}.json`);
}
