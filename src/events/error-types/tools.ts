import type { ErrorTypeList } from "./list.ts";

/** Classes and codes of what commonly runs inside a bundler: transpilers, styles, linters. */
export const toolErrors = () =>
  ({
    config: [
      "BABEL_UNKNOWN_OPTION",
      "BABEL_VERSION_UNSUPPORTED",
      "BrowserslistError",
      "ConfigError",
      "YAMLException",
      "ZodError",
    ],
    compile: [
      "BABEL_PARSER_SOURCETYPE_MODULE_REQUIRED",
      "BABEL_PARSER_SYNTAX_ERROR",
      "BABEL_PARSE_ERROR",
      "CompileError",
      "CssSyntaxError",
      "LessError",
      "SassError",
      "VFileMessage",
    ],
    transpile: ["BABEL_TRANSFORM_ERROR"],
    bundle: ["JS_Parse_Error"],
    webpack: ["ESLintError", "StylelintError"],
  }) satisfies ErrorTypeList;
