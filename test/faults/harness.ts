import type { Receiver, SpooledFile } from "sendoff/testing";
import { afterAll } from "vitest";

/**
 * What the fault suites share: a ledger of what went in and came out, chance that can be repeated,
 * and the two lengths. Each file has a ledger of its own and prints it at its end.
 */

/** The short form is part of `npm test`; `FAULTS=long` is for CI, and for whoever looks for trouble. */
export const isLong = ["long", "exhaustive"].includes(process.env.FAULTS ?? "");
/** For every order of steps in the largest cases: half an hour. */
export const isExhaustive = process.env.FAULTS === "exhaustive";

/** `FAULTS_SEED` repeats a run; every table names its own. */
const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 2 ** 31);

/** From 0 up to 1, the same row of numbers for the same seed and name (mulberry32). */
export function seededRandom(name = ""): () => number {
  let state = seed;
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What became of the events of one case. */
export interface Line {
  case: string;
  /** Events that were on disk when their build had ended. */
  recorded: number;
  /** Events that the endpoint has, by id, and that no longer wait. */
  received: number;
  waiting: number;
  /** Requests that the endpoint had seen before. */
  repeats: number;
  repeatsIdentical: boolean;
}

export interface Ledger {
  /** Enters a case in the table. @throws if it does not add up. */
  add(line: Line): void;
  /** Done by itself at the end of the file. */
  print(): void;
}

/** To be called once, at the top of a file. `isSorted`: for cases that run side by side. */
export function createLedger(title: string, { isSorted = false } = {}): Ledger {
  const lines: Line[] = [];
  const ledger: Ledger = {
    add(line) {
      lines.push(line);
      const { recorded, received, waiting } = line;
      if (recorded !== received + waiting) {
        const sum = `recorded ${recorded}, received ${received} and waiting ${waiting}`;
        throw new Error(`${line.case}: ${sum} (FAULTS_SEED=${seed})`);
      }
      if (!line.repeatsIdentical) {
        throw new Error(`${line.case}: a repeat differed (FAULTS_SEED=${seed})`);
      }
    },
    print() {
      if (isSorted) lines.sort((a, b) => a.case.localeCompare(b.case));
      console.log(`${title}, FAULTS_SEED=${seed}${isLong ? ", long" : ""}\n${tableOf(lines)}`);
    },
  };
  afterAll(() => ledger.print());
  return ledger;
}

/**
 * Counts by id. `received` is what the endpoint has for good: an event that it got, but whose
 * answer the sender never saw, waits and will be repeated.
 */
export function tally(
  requests: Receiver["requests"],
  spool: readonly SpooledFile[],
): Omit<Line, "case" | "recorded"> {
  const waiting = new Set(spool.flatMap(waitingIn));
  const received = new Set(requests.flatMap(({ payload }) => payload.events.map(({ id }) => id)));
  const bodies = new Map<string | undefined, string>();
  let repeats = 0;
  let repeatsIdentical = true;
  for (const { body, payload } of requests) {
    const before = bodies.get(payload.batchId);
    bodies.set(payload.batchId, body);
    if (before === undefined) continue;
    repeats += 1;
    repeatsIdentical &&= before === body;
  }
  return {
    received: [...received].filter((id) => !waiting.has(id)).length,
    waiting: waiting.size,
    repeats,
    repeatsIdentical,
  };
}

/** The ids of the events that wait in a file, sealed or not; none where it is torn. */
export function waitingIn({ batch }: SpooledFile): string[] {
  if (batch === undefined) return [];
  if (batch.content) return batch.content.events.map(({ id }) => id);
  const { requests, left } = batch as unknown as Sealed;
  const lists = Object.values(left);
  const waiting = lists.length > 0 ? lists.flat() : requests;
  return waiting.flatMap(({ body }) =>
    (JSON.parse(body) as { events: { id: string }[] }).events.map(({ id }) => id),
  );
}

interface Sealed {
  requests: { body: string }[];
  left: Record<string, { body: string }[]>;
}

function tableOf(lines: readonly Line[]): string {
  const head = ["case", "recorded", "received", "waiting", "repeats", "byte-identical"];
  const rows = lines.map((line) => [
    line.case,
    ...[line.recorded, line.received, line.waiting, line.repeats].map(String),
    line.repeats === 0 ? "-" : line.repeatsIdentical ? "yes" : "NO",
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] as string).length)));
  return all
    .map((row) =>
      row
        .map((cell, i) =>
          i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number),
        )
        .join("  "),
    )
    .join("\n");
}
