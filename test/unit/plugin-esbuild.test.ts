import { writeFileSync } from "node:fs";
import * as esbuild from "esbuild";
import { describe, expect, test, vi } from "vitest";
import sendoff from "../../src/plugin/esbuild.ts";
import type { PluginOptions } from "../../src/plugin/options.ts";
import { fakeTelemetry, hashFolder, only, project, sizeOfFolder } from "./plugin-telemetry.ts";

const app = {
  "src/index.js":
    'import { greet } from "./greet.js";\nimport data from "./data.json";\ngreet(data.name);\n',
  "src/greet.js": "export const greet = (name) => console.log('Hello', name);\n",
  "src/data.json": '{ "name": "world" }\n',
};

function setUp(files: Record<string, string> = app) {
  const telemetry = fakeTelemetry();
  const at = project(files);
  const plugin = (more: Partial<PluginOptions> = {}) => sendoff({ telemetry, ...more });
  const options = (more: esbuild.BuildOptions = {}): esbuild.BuildOptions => ({
    absWorkingDir: at(),
    entryPoints: ["src/index.js"],
    outdir: "dist",
    bundle: true,
    logLevel: "silent",
    plugins: [plugin()],
    ...more,
  });
  return { telemetry, plugin, at, options };
}

/** Resolves however the build ends. */
async function run(options: esbuild.BuildOptions): Promise<void> {
  await esbuild.build(options).catch(() => {});
}

/** esbuild's dispose comes in a turn of its own after the build. */
const disposed = () => new Promise((resolve) => setTimeout(resolve, 5));

test("a build is an event with what esbuild knows, and nothing that would have to be asked for", async () => {
  const { telemetry, plugin, options } = setUp();
  const before = Date.now();
  await run(options({ plugins: [plugin({ fields: () => ({ toolsCount: 3 }) })] }));
  const { eventName, fields } = only(telemetry.events);
  expect(eventName).toBe("build:completed");
  expect(fields).toMatchObject({
    success: true,
    bundler: "esbuild",
    bundlerVersion: esbuild.version,
    mode: "development",
    watch: false,
    toolsCount: 3,
  });
  expect(fields.duration).toBeLessThanOrEqual(Date.now() - before);
  expect(fields.outputSize).toBeUndefined();
  expect(fields.modulesCount).toBeUndefined();
  expect(telemetry.calls).toEqual(["record", "flush build"]);
  await disposed();
  expect(telemetry.calls).toEqual(["record", "flush build"]);
});

test("a metafile that the user asked for gives sizes and modules", async () => {
  const { telemetry, at, options } = setUp();
  await run(options({ metafile: true, sourcemap: true }));
  expect(only(telemetry.events).fields).toMatchObject({
    outputSize: sizeOfFolder(at("dist")),
    modulesCount: 3,
  });
});

test("output that the user wanted in memory gives the size", async () => {
  const { telemetry, options } = setUp();
  const { outputFiles } = await esbuild.build({ ...options(), write: false });
  expect(only(telemetry.events).fields.outputSize).toBe(outputFiles[0]?.contents.byteLength);
});

test("output, result and options are the same with and without", async () => {
  const { telemetry, plugin, at, options } = setUp();
  const built: unknown[] = [];
  for (const plugins of [[], [plugin()]]) {
    const given = options({ plugins, sourcemap: true, entryNames: "[name]-[hash]" });
    const result = await esbuild.build(given);
    built.push([hashFolder(at("dist")), result, { ...given, plugins: [] }]);
  }
  expect(built[1]).toEqual(built[0]);
  expect(telemetry.events).toHaveLength(1);
});

test.each<[string, esbuild.BuildOptions]>([
  ["development", {}],
  ["production", { minify: true }],
  ["production", { minifyIdentifiers: true, minifySyntax: true, minifyWhitespace: true }],
  ["development", { minifyWhitespace: true }],
  ["none", { platform: "node" }],
  ["production", { platform: "node", define: { "process.env.NODE_ENV": '"production"' } }],
  ["development", { minify: true, define: { "process.env.NODE_ENV": "'development'" } }],
])("mode is %s with %o", async (mode, more) => {
  const { telemetry, options } = setUp();
  await run(options(more));
  expect(only(telemetry.events).fields.mode).toBe(mode);
});

describe("failures", () => {
  const throwing = (setup: (build: esbuild.PluginBuild, fail: () => never) => void) => ({
    name: "secret",
    setup: (build: esbuild.PluginBuild) =>
      setup(build, () => {
        throw new RangeError("secret plan");
      }),
  });
  test.each<[string, string, Partial<esbuild.BuildOptions>, object]>([
    [
      "a missing module",
      'import "./secret.js";',
      {},
      { errorPhase: "resolve", errorType: "ModuleNotFoundError" },
    ],
    [
      "a missing package",
      'import "secret";',
      {},
      { errorPhase: "resolve", errorType: "ModuleNotFoundError" },
    ],
    [
      "a missing entry",
      "",
      { entryPoints: ["secret.js"] },
      { errorPhase: "resolve", errorType: "ModuleNotFoundError" },
    ],
    ["a syntax error", "const secret = ;", {}, { errorPhase: "compile", errorType: "SyntaxError" }],
    [
      "another syntax error",
      "class A { b() { this.#secret } }",
      {},
      { errorPhase: "compile", errorType: "SyntaxError" },
    ],
    [
      "a missing export",
      'import { secret } from "./greet.js"; secret();',
      {},
      { errorPhase: "bundle", errorType: "MissingExportError" },
    ],
    [
      "a missing loader",
      'import "./secret.weird";',
      {},
      { errorPhase: "transpile", errorType: "MissingLoaderError" },
    ],
    [
      "syntax that the target lacks",
      "let [secret] = []; async function* f() {}",
      { target: "es5" },
      { errorPhase: "compile", errorType: "UnsupportedSyntaxError" },
    ],
    [
      "an output folder that is a file",
      "1",
      { outdir: "src/index.js" },
      { errorPhase: "emit", errorType: "OutputWriteError" },
    ],
    [
      "a plugin that throws in onLoad",
      "1",
      { plugins: [throwing((build, fail) => build.onLoad({ filter: /index/ }, fail))] },
      { errorPhase: "transpile", errorType: "RangeError" },
    ],
    [
      "a plugin that throws in onStart",
      "1",
      { plugins: [throwing((build, fail) => build.onStart(fail))] },
      { errorType: "RangeError" },
    ],
    [
      "a plugin that throws in onEnd",
      "1",
      { plugins: [throwing((build, fail) => build.onEnd(fail))] },
      { errorType: "UnknownError" },
    ],
    [
      "a plugin that returns an error",
      "1",
      {
        plugins: [
          throwing((build) =>
            build.onLoad({ filter: /index/ }, () => ({ errors: [{ text: "secret" }] })),
          ),
        ],
      },
      { errorPhase: "transpile", errorType: "UnknownError" },
    ],
  ])("%s", async (_, source, more, expected) => {
    const { telemetry, plugin, options } = setUp({
      ...app,
      "src/index.js": source,
      "src/secret.weird": "",
    });
    await run(options({ ...more, plugins: [...(more.plugins ?? []), plugin()] }));
    const event = only(telemetry.events);
    expect(event.eventName).toBe("build:failed");
    expect(event.fields).toMatchObject({ success: false, ...expected });
    expect(JSON.stringify(event)).not.toContain("secret");
    expect(telemetry.errors).toEqual([]);
  });

  // What was thrown in `onEnd`, esbuild shows to nobody.
  test("a later plugin that fails at the end makes the event a failure", async () => {
    const { telemetry, plugin, options } = setUp();
    await run(options({ plugins: [plugin(), throwing((build, fail) => build.onEnd(fail))] }));
    await disposed();
    expect(only(telemetry.events)).toMatchObject({
      eventName: "build:failed",
      fields: { success: false, errorType: "UnknownError" },
    });
  });
});

describe("several builds in a process are one event", () => {
  test("side by side", async () => {
    const { telemetry, options } = setUp();
    const formats = ["esm", "cjs"] as const;
    await Promise.all(
      formats.map((format) => run(options({ format, outdir: `dist-${format}`, metafile: true }))),
    );
    expect(only(telemetry.events).fields).toMatchObject({ success: true, modulesCount: 6 });
  });

  test("one after the other, with one plugin instance", async () => {
    const { telemetry, plugin, options } = setUp();
    const plugins = [plugin()];
    await run(options({ plugins, metafile: true }));
    await disposed();
    await run(options({ plugins, entryPoints: ["src/nowhere.js"] }));
    expect(only(telemetry.events).fields).toMatchObject({ success: false });
    expect(telemetry.counts).toEqual([]);
  });

  test("each: true records them all", async () => {
    const { telemetry, plugin, options } = setUp();
    const plugins = [plugin({ each: true })];
    await run(options({ plugins }));
    await run(options({ plugins, entryPoints: ["src/nowhere.js"] }));
    expect(telemetry.events.map(({ fields }) => fields.success)).toEqual([true, false]);
  });
});

test("context.watch(): the first build is an event, rebuilds are counted", async () => {
  const { telemetry, at, options } = setUp();
  const context = await esbuild.context(options());
  await context.watch();
  await vi.waitFor(() => expect(telemetry.events).toHaveLength(1), 3000);
  await vi.waitFor(() => expect(telemetry.calls.at(-1)).toBe("flush dev"), 3000);
  expect(only(telemetry.events).fields).toMatchObject({ success: true, watch: true });
  for (const [text, error] of [
    ["export const greet = 1;", false],
    ["const = ;", true],
  ] as const) {
    writeFileSync(at("src/greet.js"), text);
    await vi.waitFor(
      () => expect(telemetry.counts.at(-1)).toEqual({ name: "rebuild", error }),
      5000,
    );
  }
  await context.dispose();
  expect(telemetry.events).toHaveLength(1);
});

test("context.rebuild() and dispose are a one-off build", async () => {
  const { telemetry, options } = setUp();
  const context = await esbuild.context(options());
  await context.rebuild();
  await context.dispose();
  await disposed();
  expect(only(telemetry.events).fields.watch).toBe(false);
  expect(telemetry.calls).toEqual(["record", "flush build"]);
});

test("a context that is rebuilt by hand goes on watching", async () => {
  const { telemetry, options } = setUp();
  const context = await esbuild.context(options());
  await context.rebuild();
  await context.rebuild();
  await vi.waitFor(() => expect(telemetry.calls.at(-1)).toBe("flush dev"), 3000);
  await context.dispose();
  expect(only(telemetry.events).fields.watch).toBe(true);
  expect(telemetry.counts).toEqual([{ name: "rebuild", error: false }]);
});

test("nothing is hooked in when telemetry is off", () => {
  const { telemetry, plugin } = setUp();
  telemetry.isEnabled = false;
  const hook = vi.fn();
  const build = { initialOptions: {}, esbuild, onStart: hook, onEnd: hook, onDispose: hook };
  plugin().setup(build as unknown as esbuild.PluginBuild);
  expect(hook).not.toHaveBeenCalled();
});
