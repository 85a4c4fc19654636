import type { Rolldown } from "tsdown";

/**
 * Takes Node's own modules by `process.getBuiltinModule` instead of `import`. The import of
 * `node:fs` into an ES module makes Node read every one of its exports, and so load its streams: 4
 * ms of a build that may need neither. Bundlers leave the call alone, too.
 *
 * So does the `require` of bundled CommonJS packages, of which nothing but Node's own modules is
 * left: made by `createRequire(import.meta.url)` it would throw as it is loaded where a product
 * bundles to CommonJS with esbuild, and carry a path of the machine that bundled with webpack.
 *
 * The same goes for a CommonJS file, whose `require` would throw where a product bundles to an ES
 * module with esbuild; and what a bundler puts around it copies every one of the names.
 */
export function builtinsWithoutImport(): Rolldown.Plugin {
  return {
    name: "builtins-without-import",
    renderChunk(code, { fileName }, { format }) {
      if (format === "cjs") {
        return code
          .replaceAll(/^(node_\w+) = __toESM\(\1, 1\);$/gm, "$1 = { __proto__: $1, default: $1 };")
          .replaceAll(/\brequire\("((?:node:)?[\w/]+)"\)/g, 'process.getBuiltinModule("$1")');
      }
      if (format !== "es" || !/\.mjs$/.test(fileName)) return null;
      const plain = code
        .replace(/^import \{ createRequire \} from "node:module";\n/m, "")
        .replace("createRequire(import.meta.url)", "((id) => process.getBuiltinModule(id))");
      return plain.replaceAll(
        /^import (?:([\w$]+),? )?(?:\{ ([^}]+) \} )?from "(node:[\w/]+)";$/gm,
        (_line, whole: string | undefined, names: string | undefined, id: string) => {
          const taken = `process.getBuiltinModule("${id}")`;
          const parts = whole ? [`const ${whole} = ${taken};`] : [];
          if (names) parts.push(`const { ${names.replaceAll(" as ", ": ")} } = ${taken};`);
          return parts.join("\n");
        },
      );
    },
  };
}
