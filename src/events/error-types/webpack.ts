import type { ErrorTypeList } from "./list.ts";

/** Class names of webpack 5 and of Rspack, which took them over. */
export const webpackErrors = () =>
  ({
    config: [
      "DefaultsError",
      "DllManifestError",
      "DotenvFileError",
      "EnvVariableNotDefinedError",
      "PathVariableError",
      "ValidationError",
    ],
    resolve: ["ModuleNotFoundError", "UnhandledSchemeError"],
    compile: ["JSONParseError", "ModuleParseError", "UnsupportedWebAssemblyFeatureError"],
    transpile: ["LoaderRunnerError", "ModuleBuildError", "ModuleError", "NonErrorEmittedError"],
    bundle: [
      "AsyncDependencyToInitialChunkError",
      "BuildCycleError",
      "ESMLinkingError",
      "ESModulesLinkingError",
      "ExternalStarReexportError",
      "HarmonyLinkingError",
      "ImportedBindingAssignmentError",
      "ModuleDependencyError",
      "NodeStuffInWebError",
      "UnmergeableEntryExportsError",
      "WebAssemblyInInitialChunkError",
    ],
    webpack: [
      "AbstractMethodError",
      "ChunkRenderError",
      "CodeGenerationError",
      "ConcurrentCompilationError",
      "HookWebpackError",
      "ModuleHashingError",
      "ModuleRestoreError",
      "ModuleStoreError",
      "RuntimeModuleGenerationError",
      "WebpackError",
    ],
  }) satisfies ErrorTypeList;
