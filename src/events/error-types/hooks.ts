import type { ErrorPhase } from "./list.ts";

/** What a plugin was doing when it threw: Rollup, Rolldown and Vite add its hook to the error. */
export const phaseOfHook: ReadonlyMap<unknown, ErrorPhase> = new Map([
  ["options", "config"],
  ["outputOptions", "config"],
  ["resolveId", "resolve"],
  ["resolveDynamicImport", "resolve"],
  ["load", "transpile"],
  ["transform", "transpile"],
  ["buildEnd", "bundle"],
  ["renderStart", "bundle"],
  ["renderChunk", "bundle"],
  ["augmentChunkHash", "bundle"],
  ["banner", "bundle"],
  ["footer", "bundle"],
  ["intro", "bundle"],
  ["outro", "bundle"],
  ["generateBundle", "emit"],
  ["writeBundle", "emit"],
  ["closeBundle", "emit"],
]);
