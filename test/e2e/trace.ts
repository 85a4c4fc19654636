import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { execa } from "execa";

/** What a process and all of its children do to the machine, by their system calls (strace). */

/** Faster, where strace and the kernel know it. */
const byFilter = ["--seccomp-bpf"];
const flags = canTrace(byFilter) ? byFilter : [];

/** Undefined where processes can be traced; else what is missing. */
export const missingForTraces =
  process.platform !== "linux" || !canTrace([])
    ? "Linux, strace and the right to trace"
    : undefined;

function canTrace(flags: readonly string[]): boolean {
  return spawnSync("strace", ["-f", "-qq", ...flags, "true"], { stdio: "ignore" }).status === 0;
}

export interface Trace {
  stdout: string;
  stderr: string;
  exitCode: number | undefined;
  /** Calls that change files, start processes, use the network or look up a name; attempts count. */
  effects: string[];
}

interface Traced {
  command: readonly string[];
  cwd: string;
  env: Record<string, string>;
  /** Where the build may write what it likes. */
  out: string;
  /** A command that runs all of it, such as `setpriv` with its options. */
  under?: readonly string[];
}

/** Runs a command to the end of its last child. */
export async function trace({ command, cwd, env, out, under = [] }: Traced): Promise<Trace> {
  const log = `${out}.strace`;
  const options = ["-f", "-qq", ...flags, "-s", "400", "-e", "signal=none"];
  const strace = ["strace", ...options, "-e", "trace=%file,%process,%network", "-o", log];
  const [file = "", ...args] = [...under, ...strace, ...command];
  const run = await execa(file, args, { cwd, env, extendEnv: false, reject: false });
  const effects = effectsIn(readFileSync(log, "utf8"), out);
  const { stdout, stderr, exitCode } = run;
  return { stdout, stderr, exitCode, effects };
}

/**
 * The same line for the same effect: without process ids, descriptors and addresses in memory.
 * What can't be told apart (a further child, a further socket) is numbered.
 */
function effectsIn(log: string, out: string): string[] {
  const counted = new Map<string, number>();
  const [_start, ...lines] = log.split("\n");
  return lines.flatMap((line) => {
    const [, call, rest] = /^\d+ +(\w+)\((.*)/.exec(line) ?? [];
    if (call === undefined || rest === undefined) return [];
    const effect = effectOf(call, rest);
    if (effect === undefined || effect.includes(`"${out}`)) return [];
    const count = (counted.get(effect) ?? 0) + 1;
    counted.set(effect, count);
    return [isNumbered(call) ? `${effect} #${count}` : effect];
  });
}

function isNumbered(call: string): boolean {
  return /^(clone3?|v?fork|socket|socketpair|execve)$/.test(call);
}

function effectOf(call: string, rest: string): string | undefined {
  const paths = (rest.match(/"(?:\\.|[^"\\])*"/g) ?? []).join(" ");
  if (/^(open|openat|openat2|creat)$/.test(call)) {
    if (/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(rest) || call === "creat") return `write ${paths}`;
    return /"\/etc\/(resolv\.conf|hosts|nsswitch\.conf)"/.test(paths)
      ? "look up a name"
      : undefined;
  }
  if (/^(clone3?|v?fork)$/.test(call)) {
    return rest.includes("CLONE_THREAD") ? undefined : "start a child";
  }
  if (/^socket/.test(call)) return `${call} ${rest.split(",", 1)}`;
  if (/^(connect|bind|listen|sendto|sendmsg|sendmmsg)$/.test(call)) return `${call} ${rest}`;
  if (changing.test(call)) return `${call} ${paths}`;
  return undefined;
}

const changing =
  /^(mkdir|rmdir|unlink|rename|link|symlink|chmod|chown|lchown|fchmodat|fchownat|truncate|utime|futimesat|utimes|utimensat|mknod|setxattr|lsetxattr|removexattr|execve|execveat|mount)(at|at2)?$/;
