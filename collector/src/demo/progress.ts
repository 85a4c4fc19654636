/** A bar on a terminal, a line that the next one replaces; elsewhere nothing. */
export interface Progress {
  to(done: number): void;
  end(): void;
}

const widest = 28;

export function createProgress(
  total: number,
  noun: string,
  stream: Pick<NodeJS.WriteStream, "isTTY" | "columns" | "write"> = process.stderr,
): Progress {
  const startedAt = performance.now();
  const isShown = stream.isTTY && process.env.TERM !== "dumb";
  return {
    to(done) {
      if (!isShown) return;
      const share = Math.min(1, done / total);
      const left = ((performance.now() - startedAt) / 1000 / share) * (1 - share);
      const words = [
        `${Math.round(share * 100)} %`,
        `${done.toLocaleString("en")} ${noun}`,
        ...(share > 0 ? [`${Math.ceil(left)} s left`] : []),
      ];
      stream.write(`\r\u001B[K${lineOf(share, words, stream.columns || 80)}`);
    },
    end() {
      if (isShown) stream.write("\r\u001B[K");
    },
  };
}

/** A line that is longer than the terminal's would stay there: words go, and then the bar gets short. */
function lineOf(share: number, words: string[], columns: number): string {
  // In the last column a cursor is at the end of this line or the beginning of the next.
  const room = columns - 1;
  const lengthOf = (some: readonly string[]) => some.join(", ").length;
  let its = words;
  while (its.length > 1 && 2 + widest + 1 + lengthOf(its) > room) its = its.slice(0, -1);
  const width = Math.max(0, Math.min(widest, room - 3 - lengthOf(its)));
  const bar = "█".repeat(Math.round(share * width)).padEnd(width, "░");
  return `  ${bar} ${its.join(", ")}`.slice(0, room);
}
