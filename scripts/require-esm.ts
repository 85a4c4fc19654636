import type { Rolldown } from "tsdown";

/**
 * One copy of the code for both module systems: each CommonJS entry requires its ES module, which
 * every supported Node.js can. A default export alone is what `require` returns. Those in `whole` are
 * the same, for the ES modules beside them (whole-halves.ts).
 */
export function requireEsm(isBuilds: (entry: string) => boolean): Rolldown.Plugin {
  return {
    name: "require-esm",
    generateBundle({ format }, bundle) {
      if (format !== "cjs") return;
      for (const [fileName, chunk] of Object.entries(bundle)) {
        if (chunk.type !== "chunk" || !fileName.endsWith(".cjs")) continue;
        if (!chunk.isEntry) {
          delete bundle[fileName];
          continue;
        }
        const isFunction = chunk.exports.length === 1 && chunk.exports[0] === "default";
        chunk.code = `module.exports = require("./${chunk.name}.mjs")${isFunction ? ".default" : ""};\n`;
        if (!isBuilds(chunk.name)) continue;
        this.emitFile({ type: "asset", fileName: `whole/${fileName}`, source: chunk.code });
      }
    },
  };
}
