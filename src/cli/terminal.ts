import { homedir } from "node:os";
import { styleText } from "node:util";

/** What a command prints to, and how: colours and progress on a terminal only, and else plain text. */
export interface Terminal {
  print(text?: string): void;
  /** On stderr. */
  complain(text: string): void;
  /** A line that the next one replaces; nothing where there is no terminal. */
  progress(text: string): void;
  /** Columns; where there is no terminal nothing is wrapped. */
  width: number;
  style: Record<Colour, (text: string) => string>;
  /** Resolves when all of it has been handed on. */
  drained(): Promise<void>;
}

type Colour = (typeof colours)[number];
const colours = ["bold", "dim", "green", "red", "yellow"] as const;

export function createTerminal(
  { stdout, stderr }: Pick<NodeJS.Process, "stdout" | "stderr"> = process,
  env: NodeJS.ProcessEnv = process.env,
): Terminal {
  for (const stream of [stdout, stderr]) {
    if (!stream.listeners("error").includes(hasSeenEnough)) stream.on("error", hasSeenEnough);
  }
  const isColoured = stdout.isTTY && !env.NO_COLOR && env.TERM !== "dumb";
  let isLineOpen = false;
  const clear = () => {
    if (isLineOpen) stderr.write("\r\u001B[K");
    isLineOpen = false;
  };
  const painted = (colour: Colour) => (text: string) =>
    isColoured ? styleText(colour, text, { validateStream: false }) : text;
  return {
    print(text = "") {
      clear();
      stdout.write(`${text}\n`);
    },
    complain(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      if (!stderr.isTTY || env.TERM === "dumb") return;
      clear();
      stderr.write(text.slice(0, Math.max(20, (stderr.columns ?? 80) - 1)));
      isLineOpen = true;
    },
    width: stdout.isTTY ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY,
    style: Object.fromEntries(
      colours.map((colour) => [colour, painted(colour)]),
    ) as Terminal["style"],
    async drained() {
      clear();
      await Promise.all(
        [stdout, stderr].map((stream) => new Promise((done) => stream.write("", done))),
      );
    },
  };
}

/** Whoever reads, as in `acme telemetry events | head`: no reason to end half-way, or in an error. */
function hasSeenEnough(): void {}

/** Rows of two, the second aligned. */
export function aligned(rows: readonly (readonly [string, string])[], indent = "  "): string {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows
    .map(([left, right]) => {
      const inner = `\n${indent}${" ".repeat(width + 2)}`;
      return `${indent}${left.padEnd(width)}  ${right.replaceAll("\n", inner)}`.trimEnd();
    })
    .join("\n");
}

/** Broken between words, so that no line is longer than `width`. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const isFull = last === undefined || last.length + 1 + word.length > width;
    if (isFull) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n");
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** `~/.config/acme/telemetry.json`. */
export function shortPath(file: string): string {
  const home = homeOrNothing();
  const isBelow = home !== "" && (file === home || file.startsWith(home + separatorOf(file)));
  return isBelow ? `~${file.slice(home.length)}` : file;
}

function separatorOf(file: string): string {
  return file.includes("\\") ? "\\" : "/";
}

function homeOrNothing(): string {
  try {
    return homedir();
  } catch {
    return "";
  }
}

/** `3 minutes ago`. */
export function ago(then: number, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  if (seconds < 60) return seconds < 10 ? "just now" : `${seconds} seconds ago`;
  const units: [number, string][] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ];
  const [size, unit] = units.find(([size]) => seconds >= size) as [number, string];
  return `${plural(Math.floor(seconds / size), unit)} ago`;
}

/** `2026-11-20 19:00:12 UTC`. */
export function moment(time: number | string): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
