import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Runs a command in a pseudo-terminal, as somebody at a keyboard would. */

/** util-linux's `script`; others of that name take other options. Else Python has one. */
const kind = runs("script", "--version") ? "script" : runs("python3", "-c", "import pty") && "pty";

/** Undefined where there is a way to have a terminal; else what is missing. */
export const missingForTerminals =
  process.platform !== "win32" && kind ? undefined : "util-linux's script, or Python";

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

export interface TerminalRun {
  /** All that showed: stdout and stderr are one there. */
  shown: string;
  exitCode: number | null;
}

/** `typed` is typed, with Enter, once the text `after` has shown. */
export async function inTerminal(
  command: readonly string[],
  env: Record<string, string>,
  { after, typed }: { after?: string; typed?: string } = {},
): Promise<TerminalRun> {
  const [file, ...args] = terminalFor(command);
  const child = spawn(file as string, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  let shown = "";
  let isTyped = typed === undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    if (isTyped || after === undefined || !shown.includes(after)) return;
    isTyped = true;
    child.stdin.write(`${typed}\r`);
  });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { shown: shown.replaceAll("\r\n", "\n"), exitCode };
}

function terminalFor(command: readonly string[]): string[] {
  if (kind === "script") {
    const words = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    return ["script", "-qe", "-c", words.join(" "), "/dev/null"];
  }
  const spawnIt =
    "import pty, os, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
  return ["python3", "-c", spawnIt, ...command];
}
