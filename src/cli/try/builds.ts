import path from "node:path";
import spawn from "cross-spawn";

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

/** A build may print more than anybody reads. */
const stderrMaxLength = 10_000_000;
/** For a build that doesn't end when it is told to. */
const killAfterMs = 5000;

/** @throws an error that says why the command can't be started, or that it was interrupted. */
export function runBuild(
  { file, args }: BuildCommand,
  env: Record<string, string>,
  cancelSignal: AbortSignal,
): Promise<BuildRun> {
  const startedAt = performance.now();
  const child = spawn(file, [...args], {
    env: withLocalBins(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => {
    child.kill();
    setTimeout(() => child.kill("SIGKILL"), killAfterMs).unref();
  };
  cancelSignal.addEventListener("abort", stop);
  let stderr = "";
  child.stdout?.resume();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (stderr.length < stderrMaxLength) stderr += text;
  });
  return new Promise<BuildRun>((resolve, reject) => {
    child.once("error", ({ code }: NodeJS.ErrnoException) =>
      reject(new Error(`The build could not be started: ${file} ${why(code)}.`)),
    );
    child.once("close", (exitCode) => {
      const ms = performance.now() - startedAt;
      if (cancelSignal.aborted) reject(new Error("Interrupted; nothing was left behind."));
      else resolve({ exitCode: exitCode ?? undefined, ms, endedAt: Date.now(), stderr });
    });
  }).finally(() => cancelSignal.removeEventListener("abort", stop));
}

/** As npm has it for scripts: what the project and the folders above it have installed comes first. */
function withLocalBins(env: Record<string, string>): Record<string, string> {
  const bins: string[] = [];
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    bins.push(path.join(folder, "node_modules", ".bin"));
    if (folder === path.dirname(folder)) break;
  }
  const name = Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return { ...env, [name]: [...bins, env[name]].filter(Boolean).join(path.delimiter) };
}

function why(code: string | undefined): string {
  if (code === "ENOENT") return "was not found";
  if (code === "EACCES") return "may not be run";
  return code ?? "failed";
}
