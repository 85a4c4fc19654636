import { readIfThere, replaceFile } from "../support/files.ts";
import { sentKeepBytes, sentKeepLines } from "../support/limits.ts";

/** What left this machine, exactly as sent, so that its user can look at it. */
export interface SentLine {
  /** ISO 8601. */
  at: string;
  sink: string;
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

function byteLength(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
}
