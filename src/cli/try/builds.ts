import { execa } from "execa";

/** One run of the command that is tried. */
export interface BuildRun {
  /** Undefined where a signal ended it. */
  exitCode: number | undefined;
  /** Milliseconds until it had ended and closed its output. */
  ms: number;
  endedAt: number;
  stderr: string;
}

export interface BuildCommand {
  file: string;
  args: readonly string[];
}

/** @throws an error that says why the command can't be started, or that it was interrupted. */
export async function runBuild(
  { file, args }: BuildCommand,
  env: Record<string, string>,
  cancelSignal: AbortSignal,
): Promise<BuildRun> {
  const startedAt = performance.now();
  const run = await execa(file, args, {
    env,
    extendEnv: false,
    preferLocal: true,
    reject: false,
    stdin: "ignore",
    // A build may print more than anybody reads.
    maxBuffer: 10_000_000,
    cancelSignal,
  });
  const ms = performance.now() - startedAt;
  if (run.isCanceled) throw new Error("Interrupted; nothing was left behind.");
  if (run.exitCode === undefined && run.signal === undefined) {
    throw new Error(`The build could not be started: ${file} ${why(run.code)}.`);
  }
  return { exitCode: run.exitCode, ms, endedAt: Date.now(), stderr: String(run.stderr) };
}

function why(code: string | undefined): string {
  if (code === "ENOENT") return "was not found";
  if (code === "EACCES") return "may not be run";
  return code ?? "failed";
}
