import path from "node:path";

/** Of a package, as a file in this folder would load it; empty where that can't be told. */
export function installedVersion(name: string, folder: string): string {
  try {
    const { createRequire } = process.getBuiltinModule("node:module");
    return createRequire(path.join(folder, "package.json"))(`${name}/package.json`).version;
  } catch {
    return "";
  }
}
