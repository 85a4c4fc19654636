import ts from "typescript";
import { describe, expect, test } from "vitest";
import webpack from "webpack";
import { errorTypes } from "../../src/events/error-list.ts";
import { categorizeError } from "../../src/events/error-type.ts";
import { errorPhases } from "../../src/events/error-types/list.ts";
import { messagePatterns } from "../../src/events/error-types/message-patterns.ts";

const error = (properties: object, message = "secret") =>
  Object.assign(new Error(message), properties);
class Renamed extends TypeError {}
class a extends Error {}
const throwing = {
  get code(): string {
    throw new Error("secret");
  },
  get name(): string {
    throw new Error("secret");
  },
  message: "TS2307: secret",
};
const circular = error({ name: "secret" });
circular.cause = error({ cause: circular });
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

describe("an error is told by a listed class or code", () => {
  test.each<[string, unknown, string, string]>([
    ["a code", error({ code: "ENOENT" }), "unknown", "ENOENT"],
    [
      "a code before a class",
      Object.assign(new TypeError(), { code: "ERR_INVALID_ARG_TYPE" }),
      "unknown",
      "ERR_INVALID_ARG_TYPE",
    ],
    ["a call that writes", error({ code: "EACCES", syscall: "mkdir" }), "emit", "EACCES"],
    ["a full disk", error({ code: "ENOSPC", syscall: "fsync" }), "emit", "ENOSPC"],
    [
      "a missing module",
      error({ code: "ERR_MODULE_NOT_FOUND" }),
      "resolve",
      "ERR_MODULE_NOT_FOUND",
    ],
    ["a class", new SyntaxError("secret"), "compile", "SyntaxError"],
    ["a name", error({ name: "ValidationError" }), "config", "ValidationError"],
    ["a subclass by its parent", new Renamed("secret"), "unknown", "TypeError"],
    ["a cause", error({ cause: error({ code: "EMFILE" }) }), "unknown", "EMFILE"],
    [
      "an aggregate",
      new AggregateError([new Error("secret"), new URIError("secret")]),
      "unknown",
      "URIError",
    ],
    ["an empty aggregate", new AggregateError([]), "unknown", "AggregateError"],
    ["a list", [error({}), error({ code: "ENOENT" })], "unknown", "ENOENT"],
    ["TypeScript's code", error({ code: "TS2307" }), "compile", "TS2307"],
    ["TypeScript's option error", error({ code: "TS5023" }), "config", "TS5023"],
    ["a TypeScript diagnostic", { code: 2322, messageText: "secret" }, "compile", "TS2322"],
    ["an unlisted TypeScript code", error({ code: "TS99999" }), "compile", "TypeScriptError"],
    ["a number that is no diagnostic", { code: 2322 }, "unknown", "UnknownError"],
    [
      "Rollup's way to wrap",
      error({ code: "PLUGIN_ERROR", pluginCode: "TS2304" }),
      "compile",
      "TS2304",
    ],
    ["Rollup's code", error({ code: "UNRESOLVED_IMPORT" }), "resolve", "UNRESOLVED_IMPORT"],
    ["a Rollup plugin's hook", error({ hook: "transform" }), "transpile", "UnknownError"],
    [
      "a Rollup plugin's class and hook",
      Object.assign(new RangeError(), { code: "PLUGIN_ERROR", hook: "writeBundle" }),
      "emit",
      "RangeError",
    ],
    [
      "one of Rolldown's list",
      error({ errors: [error({ code: "MISSING_EXPORT", kind: "MISSING_EXPORT" })] }),
      "bundle",
      "MISSING_EXPORT",
    ],
    [
      "Vite's text, with plugin and place before it",
      error({}, "[vite:json] [plugin vite:json] secret.json (1:1): Failed to parse JSON file"),
      "compile",
      "JSONParseError",
    ],
    [
      "Vite's text, in colours",
      error({}, "\u001b[31m[builtin:vite-transform] \u001b[0mUnexpected token"),
      "compile",
      "SyntaxError",
    ],
    [
      "Vite's missing package",
      error({}, '[vite]: Rolldown failed to resolve import "secret" from "secret.js".'),
      "resolve",
      "ModuleNotFoundError",
    ],
    [
      "Rspack's text of a hook",
      error(
        {},
        "  × caused by plugins in Compilation.hooks.processAssets\n  ╰─▶   × RangeError: secret",
      ),
      "webpack",
      "RangeError",
    ],
    [
      "Rspack's text of a file system",
      error({}, "  × Rspack FS Error: IO error: Error: ENOTDIR: not a directory, open 'secret'"),
      "emit",
      "ENOTDIR",
    ],
    [
      "webpack's loader error",
      error({ name: "ModuleBuildError", error: new RangeError("secret") }),
      "transpile",
      "RangeError",
    ],
    ["webpack's hook error", new webpack.WebpackError("secret"), "webpack", "WebpackError"],
    [
      "webpack's ModuleNotFoundError",
      error({ name: "ModuleNotFoundError", error: new TypeError() }),
      "resolve",
      "ModuleNotFoundError",
    ],
    [
      "ts-loader's error",
      new webpack.WebpackError("[tsl] ERROR in secret.ts(1,1)\n      TS2322: Type 'secret'"),
      "compile",
      "TS2322",
    ],
    [
      "an esbuild plugin's error",
      { text: "secret", pluginName: "secret", detail: new TypeError("secret") },
      "transpile",
      "TypeError",
    ],
    [
      "an esbuild BuildFailure",
      error(
        { errors: [{ id: "", pluginName: "", text: 'Could not resolve "secret"' }] },
        "Build failed with 1 error",
      ),
      "resolve",
      "ModuleNotFoundError",
    ],
  ])("%s", (_, thrown, errorPhase, errorType) => {
    expect(categorizeError(thrown)).toEqual({ errorPhase, errorType });
  });
});

describe("text alone gives a category by fixed patterns", () => {
  test.each([
    ['Could not resolve "./secret"', "resolve", "ModuleNotFoundError"],
    [
      "Module not found: Error: Can't resolve './secret' in '/secret'",
      "resolve",
      "ModuleNotFoundError",
    ],
    ["  × Module not found: Can't resolve './secret'", "resolve", "ModuleNotFoundError"],
    ["Cannot find module 'secret'\nRequire stack:", "resolve", "ModuleNotFoundError"],
    [
      "  × Module build failed (from ./secret.js):\n  ╰─▶   × TypeError: secret",
      "transpile",
      "TypeError",
    ],
    ["Module parse failed: Unexpected token (1:6)", "compile", "ModuleParseError"],
    ["Module build failed (from ./secret.js):\nTypeError: secret", "transpile", "TypeError"],
    [
      "Module build failed (from ./secret.js):\nSecretError: secret",
      "transpile",
      "ModuleBuildError",
    ],
    [
      "ModuleBuildError: Module build failed (from ./secret.js):\nSyntaxError: secret",
      "compile",
      "SyntaxError",
    ],
    ['No matching export in "secret.js" for import "secret"', "bundle", "MissingExportError"],
    [
      "export 'secret' (imported as 'secret') was not found in './secret'",
      "bundle",
      "MissingExportError",
    ],
    ["main.js from Terser plugin\nUnexpected token: secret", "bundle", "MinifyError"],
    ["Failed to write to output file: open /secret", "emit", "OutputWriteError"],
    ['Invalid option in build() call: "secret"', "config", "InvalidOptionError"],
    ['"outdir" must be a string', "config", "InvalidOptionError"],
    ["secret.ts:3:7 - error TS2345: secret", "compile", "TS2345"],
    ["ENOENT: no such file or directory, open '/secret'", "unknown", "ENOENT"],
    ["I could not resolve secret", "unknown", "UnknownError"],
    ["Error: secret", "unknown", "UnknownError"],
    ["", "unknown", "UnknownError"],
  ])("%s", (text, errorPhase, errorType) => {
    const expected = { errorPhase, errorType };
    expect(categorizeError(text)).toEqual(expected);
    expect(categorizeError(new Error(text))).toEqual(expected);
    expect(categorizeError({ id: "", pluginName: "", text })).toEqual(expected);
  });

  test("an esbuild message with a place in a file, that no pattern knows, is a syntax error", () => {
    const message = { pluginName: "", text: "secret", location: { line: 1 } };
    expect(categorizeError(message).errorType).toBe("SyntaxError");
    expect(categorizeError({ ...message, pluginName: "p" })).toEqual({
      errorPhase: "transpile",
      errorType: "UnknownError",
    });
  });

  test("a message of a megabyte takes no time", () => {
    const startedAt = performance.now();
    for (const start of ["Transforming ", "Bundling ", "TS", "export '", "A"]) {
      categorizeError(start + "a ".repeat(500_000));
    }
    // A few milliseconds; a pattern that goes back over it would need minutes.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe("nothing of the user's is told", () => {
  test.each<[string, unknown]>([
    ["nothing thrown", undefined],
    ["null", null],
    ["a number", 42],
    ["a symbol", Symbol("secret")],
    ["a string", "secret"],
    ["a function", () => "secret"],
    ["a plain object", { message: "secret" }],
    ["a null prototype", Object.assign(Object.create(null), { message: "secret" })],
    ["an unlisted class", error({ name: "SecretError" })],
    ["an unlisted code", error({ code: "SECRET_CODE" })],
    ["a name that is not text", error({ name: { toString: () => "TypeError" } })],
    ["a minified class", new a("secret")],
    ["a circular cause", circular],
    ["a revoked proxy", revoked],
    ["a list of a revoked proxy", [revoked]],
    ["inherited words", error({ name: "constructor", code: "__proto__" })],
    ["a proxy that answers everything", new Proxy({}, { get: () => "secret" })],
    [
      "a proxy that throws",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("secret");
          },
          getPrototypeOf: () => {
            throw new Error("secret");
          },
        },
      ),
    ],
  ])("%s", (_, thrown) => {
    const { errorPhase, errorType } = categorizeError(thrown);
    expect(errorType).toBe("UnknownError");
    expect(errorPhases).toContain(errorPhase);
  });

  test("getters that throw leave what can be read", () => {
    expect(categorizeError(throwing).errorType).toBe("TS2307");
  });
});

describe("the lists", () => {
  test("hold each word once, as a field's words must be", () => {
    expect(new Set(errorTypes()).size).toBe(errorTypes().length);
    expect(errorTypes().length).toBeLessThanOrEqual(1000);
    expect(errorTypes().filter((type) => !/^[A-Za-z0-9_]{2,64}$/.test(type))).toEqual([]);
    expect(errorTypes()).toContain("UnknownError");
  });

  test("keep xmcp's phases first", () => {
    expect(errorPhases.slice(0, 4)).toEqual(["config", "compile", "webpack", "transpile"]);
  });

  test("have a word for every pattern", () => {
    for (const [, type] of messagePatterns) expect(errorTypes()).toContain(type);
  });

  test("name codes that TypeScript has", () => {
    const { Diagnostics } = ts as unknown as { Diagnostics: Record<string, ts.DiagnosticMessage> };
    const codes = new Set(Object.values(Diagnostics).map(({ code }) => `TS${code}`));
    const listed = errorTypes().filter((type) => /^TS\d/.test(type));
    expect(listed.length).toBeGreaterThan(400);
    expect(listed.filter((code) => !codes.has(code))).toEqual([]);
  });
});
