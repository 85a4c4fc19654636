import { writeSync } from "node:fs";

/**
 * Debug output: lines on stderr, prefixed, for the one who asks "what does this thing do?".
 * It never throws and never goes to stdout, which belongs to the build.
 */
export type DebugMode = "off" | "on" | "dry";

export interface Debug {
  readonly mode: DebugMode;
  /** One line, or what makes it: not called when debug is off. */
  say(line: string | (() => string)): void;
}

/** `1` and `true` turn it on, `dry` prints and does not send; anything else is off. */
export function debugMode(value: unknown): DebugMode {
  const word = String(value).toLowerCase();
  return word === "1" || word === "true" ? "on" : word === "dry" ? "dry" : "off";
}

export function createDebug(mode: DebugMode): Debug {
  return {
    mode,
    say(line) {
      if (mode === "off") return;
      try {
        writeToStderr(`[telemetry] ${typeof line === "function" ? line() : line}\n`);
      } catch {
        // Nobody listens: not a reason to disturb a build.
      }
    },
  };
}

/**
 * Writes all of `text` to file descriptor 2, or throws. `process.stderr` is not used: a reader that
 * went away would raise its `error` event in the build, and its type decides whether it is
 * written before the process ends.
 */
export function writeToStderr(text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  let tries = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(2, bytes, written);
    } catch (error) {
      // A terminal in non-blocking mode may be full for a moment.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || ++tries > 100) throw error;
    }
  }
}

/** What went wrong, in a few words for debug: a system error's code, else the message. */
export function reason(error: unknown): string {
  if (error instanceof Error) return (error as NodeJS.ErrnoException).code ?? error.message;
  return String(error);
}
