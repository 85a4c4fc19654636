import { existsSync } from "node:fs";
import path from "node:path";
import { isRecord, readIfThere } from "../support/files.ts";
import { sha256 } from "../support/sha256.ts";
import { saysNo, shortForm } from "../support/short-form.ts";

/** The project a build belongs to. Its id stays on this machine; only a salted hash leaves. */
export interface Project {
  /** The folder of the nearest package.json; where there is none, the folder it was asked for. */
  root: string;
  /** The nearest package.json and the workspace root's, in which a project may say no. */
  packageFiles: string[];
  /** The nearest package.json's name, without version; where there is none, `root`. */
  projectId: string;
}

interface PackageFile {
  file: string;
  /** Empty where the file can't be read or parsed. */
  content: Record<string, unknown>;
}

/** Looks upward from `cwd` and reads every package.json on the way once. */
export function findProject(cwd: string): Project {
  const start = path.resolve(cwd);
  let nearest: PackageFile | undefined;
  for (let folder = start; ; folder = path.dirname(folder)) {
    const found = readPackage(path.join(folder, "package.json"));
    if (found && isWorkspaceRoot(folder, found)) {
      return projectOf(nearest ? [nearest, found] : [found], start);
    }
    nearest ??= found;
    if (folder === path.dirname(folder)) return projectOf(nearest ? [nearest] : [], start);
  }
}

/** Undefined where the working directory is gone. A name that Node has kept of it still serves. */
export function currentProject(): Project | undefined {
  let cwd: string;
  try {
    cwd = process.cwd();
  } catch {
    return undefined;
  }
  return findProject(cwd);
}

/**
 * True when one of these files has `"<name>": { "telemetry": false }`. A file that can't be parsed
 * says nothing: a sender may look while a package manager rewrites it, and would take half a file
 * for a no, and delete what waits.
 */
export function projectTelemetryOff(name: string, packageFiles: readonly string[]): boolean {
  return packageFiles.some((file) => {
    const settings = readPackage(file)?.content[name];
    return isRecord(settings) && saysNo(shortForm(settings));
  });
}

/** 64 hexadecimal digits: the SHA-256 of salt, then id. */
export function hashProject(salt: string, projectId: string): string {
  return sha256(salt + projectId);
}

function projectOf(packages: PackageFile[], start: string): Project {
  const nearest = packages[0];
  const root = nearest ? path.dirname(nearest.file) : start;
  const name = nearest?.content.name;
  return {
    root,
    packageFiles: packages.map(({ file }) => file),
    projectId: typeof name === "string" && name !== "" ? name : root,
  };
}

/** npm, Yarn and Bun say it in package.json, pnpm in a file beside it. */
function isWorkspaceRoot(folder: string, { content }: PackageFile): boolean {
  return (
    (content.workspaces ?? null) !== null || existsSync(path.join(folder, "pnpm-workspace.yaml"))
  );
}

/** Undefined only where there is no such file. A byte order mark is no mistake (npm takes it). */
function readPackage(file: string): PackageFile | undefined {
  try {
    const text = readIfThere(file);
    if (text === undefined) return undefined;
    const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return { file, content: isRecord(content) ? content : {} };
  } catch {
    return { file, content: {} };
  }
}
