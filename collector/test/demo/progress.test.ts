import { afterEach, expect, test, vi } from "vitest";
import { createProgress } from "../../src/demo/progress.ts";

afterEach(() => void vi.unstubAllEnvs());

function terminal(columns: number | undefined, isTTY = true) {
  vi.stubEnv("TERM", "xterm");
  const written: string[] = [];
  const stream = { isTTY, columns: columns as number, write: (text: string) => written.push(text) };
  return { written, stream: stream as never };
}

test.each([200, 80, 64, 60, 45, 30, 12, 5, 2, 1, 0, undefined])(
  "the bar and its words are one line of %s columns",
  (columns) => {
    const { written, stream } = terminal(columns);
    const progress = createProgress(300_000, "events", stream);
    for (const done of [0, 1, 150_000, 299_999, 300_000, 300_500]) progress.to(done);
    progress.end();
    const lines = written.map((text) => text.replace("\r\u001B[K", ""));
    for (const line of lines) {
      expect(line.length).toBeLessThan(columns || 80);
      expect(line).not.toMatch(/NaN|Infinity|\n/);
    }
    expect(written.every((text) => text.startsWith("\r\u001B[K"))).toBe(true);
    expect(lines.at(-1)).toBe("");
    if (!columns || columns > 12) expect(lines[2]).toContain("50 %");
    if (!columns || columns > 45) expect(lines[2]).toMatch(/^ {2}█{14}░{14} 50 %/);
    if (!columns || columns >= 80) expect(lines[2]).toMatch(/ 50 %, 150,000 events, \d+ s left$/);
  },
);

test("nothing is written without a terminal, or to one that can't go back", () => {
  const file = terminal(undefined, false);
  const dumb = terminal(80);
  for (const { stream, written } of [file, dumb]) {
    vi.stubEnv("TERM", stream === dumb.stream ? "dumb" : "xterm");
    const progress = createProgress(10, "events", stream);
    progress.to(5);
    progress.end();
    expect(written).toEqual([]);
  }
});
