import { shortPath } from "./terminal.ts";

/**
 * What went wrong and what to do, for somebody who has never seen the code. Where telemetry can't
 * be turned off by a command, the variable still does.
 */
export function explain(error: unknown, offVariable: string): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (!code || !syscall) return error.message;
  const what =
    path === undefined ? "A file" : shortPath(path.replace(/(?:\.\d+\.\w+\.tmp|\.lock)$/, ""));
  const fix = fixes[code] ?? "";
  return `${what} can't be ${writes.has(syscall) ? "written" : "read"} (${code}). ${fix}Until then ${offVariable}=1 turns telemetry off.`;
}

const writes = new Set(["open", "mkdir", "rename", "unlink", "write", "link", "rmdir", "scandir"]);

const owner =
  "It, or a folder above it, belongs to somebody else or is read-only: make it yours and try again. ";

const noFolder = "A file is where a folder should be: move it away and try again. ";

const fixes: Record<string, string> = {
  EACCES: owner,
  EPERM: owner,
  ENOENT:
    "It, or a folder above it, is a link to nothing or can't be made: mend or remove the link, or set HOME to a folder of yours, and try again. ",
  EROFS:
    "The disk is read-only: set XDG_CONFIG_HOME and XDG_STATE_HOME to folders that can be written, and try again. ",
  ENOSPC: "The disk is full: make room and try again. ",
  EDQUOT: "Your quota is used up: make room and try again. ",
  ENOTDIR: noFolder,
  EEXIST: noFolder,
  EISDIR: "A folder is where a file should be: move it away and try again. ",
};
