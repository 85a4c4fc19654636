import type { ErrorTypeList } from "./list.ts";

/** Class names that Rspack has beside webpack's. */
export const rspackErrors = () =>
  ({
    compile: ["JavaScriptParseError"],
    transpile: ["LoaderLoadingError"],
    bundle: ["ChunkMinificationError"],
    webpack: ["DeadlockRiskError"],
    emit: ["EmitError"],
  }) satisfies ErrorTypeList;
