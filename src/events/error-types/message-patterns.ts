/**
 * The fixed patterns that choose a category for an error that comes as text alone. A pattern reads the
 * message in the build's process and answers with a word of the list; what it read goes nowhere. The
 * first that matches decides. Anchored, so that a file's name is not taken for a message.
 */
export const messagePatterns: readonly (readonly [pattern: RegExp, errorType: string])[] = [
  // esbuild says "Could not resolve", webpack and Rspack "Can't resolve", Node.js "Cannot find".
  [/^Could not resolve /, "ModuleNotFoundError"],
  [/^(?:\w+Error: )?(?:Module not found:|Can't resolve ')/, "ModuleNotFoundError"],
  [/^(?:Unable to|Failed to) resolve loader\b/, "ModuleNotFoundError"],
  [/^\[vite\]: Roll(?:up|down) failed to resolve import /, "ModuleNotFoundError"],
  [/^(?:Error: )?Cannot find (?:module|package) /, "ModuleNotFoundError"],
  [/^(?:No matching export in|Ambiguous import) /, "MissingExportError"],
  [/^(?:\w+Error: )?export '[^']*' .*was not found in /, "MissingExportError"],
  [/^(?:No loader is configured for|Do not know how to load path)/, "MissingLoaderError"],
  [/^(?:\w+Error: )?Module parse failed:/, "ModuleParseError"],
  [/^Transforming .* is not supported yet/, "UnsupportedSyntaxError"],
  [/^Top-level await is currently not supported/, "UnsupportedSyntaxError"],
  [/^Bundling .* imports .*is not supported/, "UnsupportedSyntaxError"],
  [/^.* is not available in the configured target environment/, "UnsupportedSyntaxError"],
  [/^(?:Cannot|Could not|Failed to) read /, "FileReadError"],
  [/^(?:Two output files share the same path|Refusing to overwrite)/, "OutputConflictError"],
  [/^Conflict: Multiple (?:chunks|assets) /, "OutputConflictError"],
  [/^Failed to (?:write to output file|create output directory)/, "OutputWriteError"],
  [/^The build was canceled$/, "BuildCanceledError"],
  [/^\S+ from (?:Terser|Minimizer|SwcJs|Css)[\w ]* ?plugin/i, "MinifyError"],
  [/^Must use "|^"\w+" must be an? |^Splitting currently only works/, "InvalidOptionError"],
  [/^Invalid (?:option|build flag|define|alias|target|loader|value|log )/, "InvalidOptionError"],
  [/^.* cannot be marked as external$/, "InvalidOptionError"],
  [/^Cannot (?:use both|find tsconfig file) /, "InvalidOptionError"],
  [/^Preprocessor dependency .* not found/, "MissingLoaderError"],
  [/^(?:Failed to parse JSON|plugin `builtin:vite-json` threw)/, "JSONParseError"],
  [/^Failed to load PostCSS config/, "ConfigError"],
  [/^\[postcss\] /, "CssSyntaxError"],
  [/^\[less\] /, "LessError"],
  [/^\[sass\] /, "SassError"],
  [/^(?:Unexpected|Unterminated|Expected|Syntax [Ee]rror:?) /, "SyntaxError"],
];
