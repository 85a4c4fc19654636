import type { parts } from "./later-parts.ts";
import { ownFile } from "./own-file.ts";

type Parts = typeof parts;

let loaded: Parts | undefined;

/**
 * What a build reads only when it is wanted. Wanted it is at once, in an exit hook, which can't wait
 * for an `import`: so Node requires the file beside this one. Bundlers leave such a `require` alone;
 * what they bundle is `src/whole.ts`, in which nothing is left to be loaded.
 */
export function later(): Parts {
  loaded ??= load();
  return loaded;
}

/** For what has it all anyway. */
export function haveAtHand(given: Parts): void {
  loaded = given;
}

function load(): Parts {
  const { createRequire } = process.getBuiltinModule("node:module");
  return createRequire(ownFile() ?? "")("./later.mjs").parts;
}
