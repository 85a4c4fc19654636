import {
  type Compiler,
  type Configuration,
  type MultiStats,
  rspack,
  type Stats,
} from "@rspack/core";
import { describe, expect, test } from "vitest";
import sendoff from "../../src/plugin/rspack.ts";
import { fakeTelemetry, hashFolder, only, project, sizeOfFolder } from "./plugin-telemetry.ts";

/** What Rspack does in its own way; what it has in common with webpack, webpack's tests hold. */

const app = {
  "src/index.js": 'import { greet } from "./greet.js";\ngreet("world");\n',
  "src/greet.js": "export const greet = (name) => console.log('Hello', name);\n",
};

type At = ReturnType<typeof project>;

function configFor(at: At, more: Configuration = {}): Configuration {
  return {
    mode: "production",
    context: at(),
    entry: "./src/index.js",
    output: { path: at("dist"), filename: "[name].[contenthash].js?v=1" },
    devtool: "source-map",
    ...more,
  };
}

/** Runs a one-off build as Rspack's users do. Resolves to the fatal error, if there is one. */
function run(config: Configuration | Configuration[]): Promise<Error | null> {
  return new Promise((resolve) => {
    const done = (error: Error | null, _stats?: Stats | MultiStats) => resolve(error);
    if (Array.isArray(config)) rspack(config, done);
    else rspack(config, done);
  });
}

function setUp(files: Record<string, string> = app) {
  const telemetry = fakeTelemetry();
  return { telemetry, plugin: () => sendoff({ telemetry }), at: project(files) };
}

test("a build is an event with what Rspack tells for next to nothing", async () => {
  const { telemetry, plugin, at } = setUp();
  await run(configFor(at, { plugins: [plugin()] }));
  const { eventName, fields } = only(telemetry.events);
  expect(eventName).toBe("build:completed");
  expect(fields).toMatchObject({
    success: true,
    bundler: "rspack",
    bundlerVersion: rspack.rspackVersion,
    mode: "production",
    watch: false,
    outputSize: sizeOfFolder(at("dist")),
  });
  expect(fields).not.toHaveProperty("modulesCount");
  expect(telemetry.calls).toEqual(["record", "flush build"]);
  expect(telemetry.errors).toEqual([]);
});

test("output and stats are the same with and without", async () => {
  const { telemetry, plugin, at } = setUp();
  const built: unknown[] = [];
  for (const plugins of [[], [plugin()]]) {
    const output = { path: at("dist"), clean: true };
    const hash = await new Promise((resolve) => {
      rspack(configFor(at, { plugins, output }), (_, stats) => resolve(stats?.hash));
    });
    built.push({ hash, output: hashFolder(at("dist")) });
  }
  expect(built[1]).toEqual(built[0]);
  expect(telemetry.events).toHaveLength(1);
});

test("what is kept in memory has no size to tell from disk", async () => {
  const { telemetry, plugin, at } = setUp();
  const compiler = rspack(configFor(at, { plugins: [plugin()] }));
  compiler.outputFileSystem = {
    ...compiler.outputFileSystem,
    mkdir: (_: string, done: (error: null) => void) => done(null),
    writeFile: (...args: unknown[]) => (args.at(-1) as (error: null) => void)(null),
    stat: (_: string, done: (error: Error) => void) => done(new Error("nothing there")),
    statSync: undefined,
  } as unknown as Compiler["outputFileSystem"];
  await new Promise((resolve) => compiler.run(resolve));
  expect(only(telemetry.events).fields).not.toHaveProperty("outputSize");
});

describe("failures", () => {
  const throwing = (where: (compiler: Compiler, fail: () => never) => void) => ({
    apply: (compiler: Compiler) =>
      where(compiler, () => {
        throw new RangeError("secret plan");
      }),
  });
  const withLoader = (text: string) => ({ "src/index.js": "1", "secret-loader.cjs": text });
  const loaded = { module: { rules: [{ test: /\.js$/, use: "./secret-loader.cjs" }] } };
  test.each<[string, Record<string, string>, Configuration, object]>([
    [
      "a missing module, whose class is only Error",
      { "src/index.js": 'import "./secret.js";' },
      {},
      { errorPhase: "resolve", errorType: "ModuleNotFoundError" },
    ],
    [
      "a syntax error",
      { "src/index.js": "const secret = ;" },
      {},
      { errorPhase: "compile", errorType: "ModuleParseError" },
    ],
    [
      "a missing export",
      { "src/index.js": 'import { secret } from "./a.js"; secret();', "src/a.js": "export {};" },
      { module: { parser: { javascript: { exportsPresence: "error" } } } },
      { errorPhase: "bundle", errorType: "MissingExportError" },
    ],
    [
      "a loader that throws",
      withLoader("module.exports = () => { throw new TypeError('secret') }"),
      loaded,
      { errorPhase: "transpile", errorType: "TypeError" },
    ],
    [
      "a syntax error in SWC",
      { "src/index.js": 'import "./secret.ts";', "src/secret.ts": "let secret: = 1;" },
      { module: { rules: [{ test: /\.ts$/, loader: "builtin:swc-loader" }] } },
      { errorPhase: "compile", errorType: "SyntaxError" },
    ],
    [
      "a loader that isn't there",
      { "src/index.js": "1" },
      { module: { rules: [{ test: /\.js$/, use: "secret-loader" }] } },
      { errorPhase: "resolve", errorType: "ModuleNotFoundError" },
    ],
    [
      "a plugin that throws in emit",
      app,
      { plugins: [throwing((compiler, fail) => compiler.hooks.emit.tap("p", fail))] },
      { errorType: "RangeError" },
    ],
    [
      "a plugin that throws in done",
      app,
      { plugins: [throwing((compiler, fail) => compiler.hooks.done.tap("p", fail))] },
      { errorType: "RangeError" },
    ],
    [
      "a plugin that throws in processAssets",
      app,
      {
        plugins: [
          throwing((compiler, fail) =>
            compiler.hooks.compilation.tap("p", (compilation) =>
              compilation.hooks.processAssets.tap("p", fail),
            ),
          ),
        ],
      },
      { errorPhase: "webpack", errorType: "RangeError" },
    ],
    [
      "an output that is a file",
      { ...app, dist: "secret" },
      {},
      { errorPhase: "emit", errorType: "ENOTDIR" },
    ],
  ])("%s", async (_, files, config, expected) => {
    const { telemetry, plugin, at } = setUp(files);
    await run(configFor(at, { ...config, plugins: [...(config.plugins ?? []), plugin()] }));
    const event = only(telemetry.events);
    expect(event.eventName).toBe("build:failed");
    expect(event.fields).toMatchObject({ success: false, ...expected });
    expect(JSON.stringify(event)).not.toContain("secret");
    expect(telemetry.errors).toEqual([]);
  });
});

test("compilers that depend on each other are one event", async () => {
  const { telemetry, plugin, at } = setUp();
  const targets = ["client", "server"].map((name) => ({
    ...configFor(at, { name, output: { path: at("dist"), filename: `${name}.js` } }),
    ...(name === "server" ? { dependencies: ["client"] } : {}),
    plugins: [plugin()],
  }));
  await run(targets);
  expect(telemetry.calls).toContain("amend");
  expect(only(telemetry.events).fields).toMatchObject({
    success: true,
    outputSize: sizeOfFolder(at("dist")),
  });
  expect(telemetry.counts).toEqual([]);
});
