/** A bar on a terminal, a line that the next one replaces; elsewhere nothing. */
export interface Progress {
  to(done: number): void;
  end(): void;
}

const width = 28;

export function createProgress(
  total: number,
  noun: string,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  const startedAt = performance.now();
  const isShown = stream.isTTY && process.env.TERM !== "dumb";
  return {
    to(done) {
      if (!isShown) return;
      const share = Math.min(1, done / total);
      const bar = "█".repeat(Math.round(share * width)).padEnd(width, "░");
      const left = ((performance.now() - startedAt) / 1000 / share) * (1 - share);
      const words = `${done.toLocaleString("en")} ${noun}, ${Math.ceil(left)} s left`;
      stream.write(`\r\u001B[K  ${bar} ${Math.round(share * 100)} %  ${words}`);
    },
    end() {
      if (isShown) stream.write("\r\u001B[K");
    },
  };
}
