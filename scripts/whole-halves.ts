import type { Rolldown } from "tsdown";

/**
 * A bundler makes two files of an entry that others import from: the code, and a line that exports
 * its public names. A build would pay half a millisecond for the line. Here the code takes its place,
 * and exports those names as well.
 *
 * For each entry of a build's, one of the same name goes into `whole`, for bundlers: it has at hand
 * what a build loads late.
 */
export function wholeHalves(isBuilds: (entry: string) => boolean): Rolldown.Plugin {
  return {
    name: "whole-halves",
    generateBundle({ format }, bundle) {
      if (format !== "es") return;
      const chunks = Object.values(bundle).filter(isCode);
      const moved = chunks.flatMap((chunk) => withoutFacade(bundle, chunk));
      for (const chunk of chunks) {
        for (const [from, to] of moved) {
          chunk.code = chunk.code.replaceAll(`/${from}"`, `/${to}"`);
        }
        const { exports, fileName, isEntry, name } = chunk;
        if (!isEntry || !isBuilds(name) || name === "index") continue;
        const source = `import"./index.mjs";export{${exports}}from"../${fileName}";\n`;
        this.emitFile({ type: "asset", fileName: `whole/${fileName}`, source });
      }
    },
  };
}

function isCode(chunk: Rolldown.OutputAsset | Rolldown.OutputChunk): chunk is Rolldown.OutputChunk {
  return chunk.type === "chunk" && chunk.fileName.endsWith(".mjs");
}

const reexport = /^import\s*\{([^}]*)\}\s*from\s*"\.\/([^"]+)";\s*export\s*\{([^}]*)\};\s*$/;
const lastExport = /export\s*\{([^}]*)\};\s*$/;

/** The file that had the code, and the one that now has it; none where an entry is no such line. */
function withoutFacade(
  bundle: Rolldown.OutputBundle,
  facade: Rolldown.OutputChunk,
): [from: string, to: string][] {
  const [, imports = "", file = "", exports = ""] = reexport.exec(facade.code) ?? [];
  const chunk = bundle[file];
  const exported = chunk && isCode(chunk) && lastExport.exec(chunk.code)?.[1];
  if (!facade.isEntry || !exported) return [];
  const inner = namesOf(exported);
  const taken = namesOf(imports);
  const added = [...namesOf(exports)]
    .map(([outer, local]) => [inner.get(taken.get(local) ?? ""), outer] as const)
    .filter(([local, outer]) => inner.get(outer) !== local)
    .map(([local, outer]) => `${local} as ${outer}`);
  facade.code = chunk.code.replace(lastExport, `export{${[exported.trim(), ...added]}};\n`);
  delete bundle[file];
  return [[file, facade.fileName]];
}

/** Of `a as b,c`: by the name after `as`, the one before it. */
function namesOf(list: string): Map<string, string> {
  return new Map(
    list.split(",").map((entry) => {
      const [before = "", after = before] = entry.trim().split(" as ");
      return [after, before];
    }),
  );
}
