import { describe, expect, test } from "vitest";
import { explain } from "../../src/cli/explain.ts";
import { ago, aligned, createTerminal, plural, wrapped } from "../../src/cli/terminal.ts";

function fakeTerminal(isTTY: boolean, env: NodeJS.ProcessEnv = { TERM: "xterm" }) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) => ({
    ...{ isTTY, columns: 40, listeners: () => [], on() {} },
    write(text: string, done?: () => void) {
      written[name] += text;
      done?.();
      return true;
    },
  });
  const streams = { stdout: stream("stdout"), stderr: stream("stderr") };
  return { written, terminal: createTerminal(streams as unknown as NodeJS.Process, env) };
}

describe("colours", () => {
  test("are there on a terminal", () => {
    const { terminal } = fakeTerminal(true);
    expect(terminal.style.red("no")).toBe("\u001B[31mno\u001B[39m");
  });

  test.each([
    ["where there is none", false, {}],
    ["with NO_COLOR", true, { NO_COLOR: "1" }],
    ["on one that has none", true, { TERM: "dumb" }],
  ])("are not there %s", (_, isTTY, env) => {
    const { terminal } = fakeTerminal(isTTY, env);
    for (const paint of Object.values(terminal.style)) expect(paint("no")).toBe("no");
  });
});

describe("progress", () => {
  test("is a line that the next one takes the place of, no longer than the terminal", async () => {
    const { terminal, written } = fakeTerminal(true);
    terminal.progress("one of two, and a line that is much longer than forty columns");
    terminal.print("done");
    await terminal.drained();
    expect(written.stderr).toBe("one of two, and a line that is much lon\r\u001B[K");
    expect(written.stdout).toBe("done\n");
  });

  test("says nothing where there is no terminal", () => {
    const { terminal, written } = fakeTerminal(false);
    terminal.progress("one of two");
    expect(written).toEqual({ stdout: "", stderr: "" });
  });
});

describe("words", () => {
  test("stand in columns", () => {
    expect(
      aligned([
        ["a", "one"],
        ["bcd", "two\nthree"],
        ["e", ""],
      ]),
    ).toBe("  a    one\n  bcd  two\n       three\n  e");
  });

  test("are wrapped between words, and long ones left whole", () => {
    expect(wrapped("one two three", 7)).toBe("one two\nthree");
    expect(wrapped("abcdefghij k", 4)).toBe("abcdefghij\nk");
    expect(wrapped("one two", Number.POSITIVE_INFINITY)).toBe("one two");
  });

  test("count", () => {
    expect(plural(1, "batch", "batches")).toBe("1 batch");
    expect(plural(0, "batch", "batches")).toBe("0 batches");
  });

  test.each([
    [0, "just now"],
    [42, "42 seconds ago"],
    [60, "1 minute ago"],
    [7199, "1 hour ago"],
    [3 * 86_400, "3 days ago"],
  ])("tell %i seconds as %s", (seconds, words) => {
    expect(ago(0, seconds * 1000)).toBe(words);
  });
});

describe("an error", () => {
  const systemError = (code: string, path: string, syscall = "open") =>
    Object.assign(new Error(`${code}: words of the system`), { code, path, syscall });

  test.each([
    ["EACCES", "make it yours"],
    ["EROFS", "set XDG_CONFIG_HOME"],
    ["ENOSPC", "make room"],
    ["ENOTDIR", "move it away"],
  ])("of the system (%s) is told with the file, and what to do", (code, fix) => {
    const file = "/somewhere/acme/telemetry.json";
    for (const path of [file, `${file}.lock`, `${file}.4711.ab12cd.tmp`]) {
      const words = explain(systemError(code, path), "ACME_TELEMETRY_DISABLED");
      expect(words).toContain(`${file} can't be written (${code}). `);
      expect(words).toContain(fix);
      expect(words).toContain("ACME_TELEMETRY_DISABLED=1 turns telemetry off");
    }
  });

  test("of our own is told as it is", () => {
    expect(explain(new Error("Set HOME."), "X")).toBe("Set HOME.");
  });
});
