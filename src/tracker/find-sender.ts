import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Finds the sender's file, late and without ever throwing: the option, beside this code's own file
 * (the package, or a product's bundle), beside the file that was started. `import.meta.url` would
 * be the obvious way to the second, but bundlers bake it in as an absolute path of the machine
 * that bundled, or fail at load; a stack trace tells it in every format.
 */
export function findSender(option: string | URL | undefined): string | undefined {
  const given = option === undefined ? [] : [asPath(option)];
  const folders = [folderOf(ownFile()), folderOf(startedFile())];
  const beside = folders.flatMap((folder) =>
    folder === undefined ? [] : fileNames.map((name) => path.join(folder, name)),
  );
  return [...given, ...beside].find((file) => file !== undefined && existsSync(file));
}

/** Not plain `sender.js`: beside a bundle that might be anybody's. */
const fileNames = ["sendoff-sender.mjs", "sendoff-sender.cjs", "sendoff-sender.js"];

function asPath(file: string | URL): string | undefined {
  try {
    return String(file).startsWith("file:") ? fileURLToPath(file) : String(file);
  } catch {
    return undefined;
  }
}

function folderOf(file: string | undefined): string | undefined {
  const local = file === undefined ? undefined : asPath(file);
  return local && path.isAbsolute(local) ? path.dirname(local) : undefined;
}

function ownFile(): string | undefined {
  const prepare = Error.prepareStackTrace;
  try {
    Error.prepareStackTrace = (_error, sites) => sites;
    const sites = new Error().stack as unknown as NodeJS.CallSite[];
    return sites[0]?.getFileName?.() ?? undefined;
  } catch {
    return undefined;
  } finally {
    Error.prepareStackTrace = prepare;
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
