import { statSync } from "node:fs";
import path from "node:path";
import { sizedFilesMax } from "../support/limits.ts";

interface FileSystem {
  statSync(file: string): { size: number };
}

/** Bytes of files that a bundler wrote and doesn't size; undefined where asking takes long. */
export function sizeOfFiles(
  folder: string,
  names: readonly string[],
  fileSystem: object = { statSync },
): number | undefined {
  if (names.length > sizedFilesMax) return undefined;
  const { statSync: stat } = fileSystem as FileSystem;
  try {
    // A name can have a query, as webpack's do: `app.js?v=1`.
    const files = names.map((name) => path.join(folder, name.replace(/\?.*/, "")));
    return files.reduce((total, file) => total + stat.call(fileSystem, file).size, 0);
  } catch {
    return undefined;
  }
}
