import { parseRecord, readIfThere, replaceFile } from "../support/files.ts";
import { sentKeepBytes, sentKeepLines } from "../support/limits.ts";
import { type SinkOptions, sinkProblem } from "../support/sinks.ts";

/** What left this machine, exactly as sent, so that its user can look at it. */
export interface SentLine {
  /** ISO 8601. */
  at: string;
  /** Who took it. */
  to: SinkOptions;
  answer: string;
  /** The payload's exact JSON text. */
  body: string;
}

export function keepLine(file: string, line: unknown): void {
  const kept = (readIfThere(file) ?? "").split("\n").filter((text) => text !== "");
  kept.push(JSON.stringify(line));
  let lines = kept.slice(-sentKeepLines);
  while (lines.length > 1 && byteLength(lines) > sentKeepBytes) lines = lines.slice(1);
  replaceFile(file, `${lines.join("\n")}\n`);
}

/**
 * What `keepLine` has kept, oldest first. Lines that are torn or foreign are passed over, and so is
 * a file that can't be read.
 */
export function readLines<Line extends object>(file: string): Partial<Line>[] {
  let text: string | undefined;
  try {
    text = readIfThere(file);
  } catch {
    // Nothing to show, then.
  }
  const lines = (text ?? "").split("\n").map((line) => parseRecord<Line>(line));
  return lines.filter((line) => line !== undefined);
}

/** Oldest first. */
export function readSent(file: string): SentLine[] {
  return readLines<SentLine>(file).filter(isSentLine);
}

function isSentLine(line: Partial<SentLine>): line is SentLine {
  const { answer, at, body, to } = line;
  const areTexts = [answer, at, body].every((text) => typeof text === "string");
  const isKnown = to !== undefined && sinkProblem(to) === undefined;
  return areTexts && isKnown && !Number.isNaN(Date.parse(String(at)));
}

/** ISO 8601; undefined where nothing is kept. */
export function lastSentAt(file: string): string | undefined {
  return readSent(file).at(-1)?.at;
}

function byteLength(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
}
