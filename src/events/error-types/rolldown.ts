import type { ErrorTypeList } from "./list.ts";

/** Codes that Rolldown 1 has beside Rollup's; its errors come in `errors`, each with a code. */
export const rolldownErrors = () =>
  ({
    config: [
      "BUNDLER_INITIALIZE_ERROR",
      "CONFIGURATION_FIELD_CONFLICT",
      "CYCLE_LOADING",
      "INVALID_DEFINE_CONFIG",
      "MISSING_NAME_OPTION_FOR_UMD_EXPORT",
      "TSCONFIG_ERROR",
      "UNSUPPORTED_TSCONFIG_OPTION",
    ],
    resolve: ["RESOLVE_ERROR", "UNLOADABLE_DEPENDENCY"],
    compile: [
      "COMMONJS_VARIABLE_IN_ESM",
      "EXPORT_UNDEFINED_VARIABLE",
      "JSON_PARSE",
      "TRANSFORM_ERROR",
      "UNSUPPORTED_FEATURE",
    ],
    bundle: [
      "ASSIGN_TO_IMPORT",
      "IMPORT_IS_UNDEFINED",
      "REQUIRE_TLA",
      "RUNTIME_MODULE_SYMBOL_NOT_FOUND",
    ],
    emit: ["COULD_NOT_CLEAN_DIRECTORY", "UNSUPPORTED_BUNDLE_ASSIGNMENT"],
    unknown: ["IO_ERROR", "NAPI_ERROR", "UNHANDLEABLE_ERROR"],
  }) satisfies ErrorTypeList;
