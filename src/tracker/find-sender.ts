import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ownFile } from "./own-file.ts";

/** The arguments with which `process.execPath` becomes a sender, or why it can't. */
export type SenderCommand = { args: readonly string[] } | { problem: string };

/**
 * In a single-file executable or Electron `process.execPath` is the app itself. It would start
 * again as itself, unless its main calls `runSenderIfAsked()`.
 */
export function senderCommand(option: string | URL | undefined): SenderCommand {
  if (!isRuntime(process.execPath)) {
    if ((globalThis as { [appKey]?: true })[appKey]) return { args: [] };
    const app = path.basename(process.execPath);
    return { problem: `${app} is no runtime; call runSenderIfAsked() first thing in its main` };
  }
  const file = findSender(option);
  if (file !== undefined) return { args: [file] };
  return {
    problem:
      "sendoff/sender was not found; bundle it beside the product and pass its path as `sender`",
  };
}

function isRuntime(execPath: string): boolean {
  if (process.versions.electron || process.getBuiltinModule("node:sea")?.isSea()) return false;
  const name = path.basename(execPath);
  return name === "node" || /^(node|nodejs|bun|deno)(-?[\d.]+)?(\.exe)?$/i.test(name);
}

/** Set by `runSenderIfAsked`, from whatever copy of the sender the app contains. */
const appKey = Symbol.for("sendoff.app@1");

/**
 * Finds the sender's file, late and without ever throwing: the option, beside this code's own file
 * (the package, or a product's bundle), beside the file that was started.
 */
export function findSender(option: string | URL | undefined): string | undefined {
  const chosen = absolutePath(option);
  if (chosen !== undefined && existsSync(chosen)) return chosen;
  return besides(ownFile()) ?? besides(startedFile());
}

function besides(file: string | undefined): string | undefined {
  const local = absolutePath(file);
  if (local === undefined) return undefined;
  const folder = path.dirname(local);
  return fileNames.map((name) => path.join(folder, name)).find((sender) => existsSync(sender));
}

/** Not plain `sender.js`: beside a bundle that might be anybody's. */
const fileNames = ["sendoff-sender.cjs", "sendoff-sender.mjs", "sendoff-sender.js"];

/** A relative one would be looked for, and run, in the project of whoever builds. */
function absolutePath(file: string | URL | undefined): string | undefined {
  try {
    const local = String(file).startsWith("file:") ? fileURLToPath(String(file)) : String(file);
    return path.isAbsolute(local) ? local : undefined;
  } catch {
    return undefined;
  }
}

/** Through the link that a package manager puts into `node_modules/.bin`. */
function startedFile(): string | undefined {
  try {
    const file = process.argv[1];
    return file === undefined ? undefined : realpathSync(file);
  } catch {
    return undefined;
  }
}
