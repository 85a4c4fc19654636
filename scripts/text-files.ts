import { readFileSync } from "node:fs";
import path from "node:path";
import type { Rolldown } from "tsdown";

/**
 * `import css from "./page.css?text"`: the file as text, for what a page is made of. Comments and
 * indentation are for its readers here, and are left out.
 */
export function textFiles(): Rolldown.Plugin {
  const suffix = "?text";
  return {
    name: "text-files",
    resolveId(id, importer) {
      if (!id.endsWith(suffix) || importer === undefined) return null;
      return path.resolve(path.dirname(importer), id);
    },
    load(id) {
      if (!id.endsWith(suffix)) return null;
      const file = id.slice(0, -suffix.length);
      this.addWatchFile(file);
      const text = readFileSync(file, "utf8")
        .replace(/\/\*.*?\*\//gs, "")
        .replace(/^\s*\/\/.*$/gm, "")
        .replace(/^\s+/gm, "");
      return { code: `export default ${JSON.stringify(text)};`, moduleType: "js" };
    },
  };
}
