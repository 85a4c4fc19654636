import type { ErrorTypeList } from "./list.ts";

/** Categories for errors that come as text alone: esbuild's, Rspack's, those of workers. */
export const messageErrors = () =>
  ({
    config: ["InvalidOptionError"],
    compile: ["UnsupportedSyntaxError"],
    transpile: ["MissingLoaderError"],
    bundle: ["MinifyError", "MissingExportError"],
    emit: ["OutputConflictError", "OutputWriteError"],
    unknown: ["BuildCanceledError", "FileReadError"],
  }) satisfies ErrorTypeList;
