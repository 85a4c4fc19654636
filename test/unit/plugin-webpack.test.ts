import { writeFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import webpack, { type Compiler, type Configuration, type MultiStats, type Stats } from "webpack";
import type { PluginOptions } from "../../src/plugin/options.ts";
import sendoff from "../../src/plugin/webpack.ts";
import { fakeTelemetry, hashFolder, only, project, sizeOfFolder } from "./plugin-telemetry.ts";

const app = {
  "src/index.js":
    'import { greet } from "./greet.js";\nimport data from "./data.json";\ngreet(data.name);\n',
  "src/greet.js": "export const greet = (name) => console.log('Hello', name);\n",
  "src/data.json": '{ "name": "world" }\n',
};

type At = ReturnType<typeof project>;
type Plugins = NonNullable<Configuration["plugins"]>;

function configFor(at: At, more: Configuration = {}): Configuration {
  return {
    mode: "production",
    context: at(),
    entry: "./src/index.js",
    output: { path: at("dist"), filename: "[name].[contenthash].js" },
    devtool: "source-map",
    ...more,
  };
}

/** Runs a one-off build as webpack's users do. Resolves to the fatal error, if there is one. */
function run(config: Configuration | Configuration[]): Promise<Error | null> {
  return new Promise((resolve) => {
    const done = (error: Error | null, _stats?: Stats | MultiStats) => resolve(error);
    if (Array.isArray(config)) webpack(config, done);
    else webpack(config, done);
  });
}

function setUp(files: Record<string, string> = app) {
  const telemetry = fakeTelemetry();
  const plugin = (more: Partial<PluginOptions> = {}) => sendoff({ telemetry, ...more });
  return { telemetry, plugin, at: project(files) };
}

test("a build is an event with what webpack knows", async () => {
  const { telemetry, plugin, at } = setUp();
  const before = Date.now();
  await run(configFor(at, { plugins: [plugin({ fields: () => ({ toolsCount: 3 }) })] }));
  const { eventName, fields } = only(telemetry.events);
  expect(eventName).toBe("build:completed");
  expect(fields).toMatchObject({
    success: true,
    bundler: "webpack",
    bundlerVersion: webpack.version,
    mode: "production",
    watch: false,
    toolsCount: 3,
    outputSize: sizeOfFolder(at("dist")),
  });
  expect(fields.modulesCount).toBeGreaterThan(0);
  expect(fields.duration).toBeGreaterThan(0);
  expect(fields.duration).toBeLessThanOrEqual(Date.now() - before);
  expect(telemetry.calls).toEqual(["record", "flush build"]);
  expect(telemetry.errors).toEqual([]);
});

test("output, stats and options are the same with and without", async () => {
  const built: { hash: string | null; output: string; options: string }[] = [];
  const { telemetry, plugin, at } = setUp();
  for (const plugins of [[], [plugin()]]) {
    const config = configFor(at, {
      plugins: [...plugins],
      output: { path: at("dist"), clean: true },
    });
    const hash = await new Promise<string | null>((resolve) => {
      webpack(config, (_, stats) => resolve(stats?.hash ?? null));
    });
    const options = JSON.stringify({ ...config, plugins: [] });
    built.push({ hash, output: hashFolder(at("dist")), options });
  }
  expect(built[1]).toEqual(built[0]);
  expect(telemetry.events).toHaveLength(1);
});

test("assets that were on disk already count as much as new ones", async () => {
  const { telemetry, plugin, at } = setUp();
  const config = () => configFor(at, { plugins: [plugin({ each: true })] });
  await run(config());
  await run(config());
  const [first, second] = telemetry.events.map(({ fields }) => fields.outputSize);
  expect(first).toBe(sizeOfFolder(at("dist")));
  expect(second).toBe(first);
});

test("a file system cache that was filled without the plugin is used with it", async () => {
  const { telemetry, plugin, at } = setUp();
  const cache = { type: "filesystem" as const, cacheDirectory: at("cache") };
  const modulesBuilt = async (plugins: Plugins) => {
    const compiler = webpack(configFor(at, { cache, plugins })) as Compiler;
    const stats = await new Promise<Stats | undefined>((resolve) => {
      compiler.run((_, result) => resolve(result));
    });
    await new Promise((resolve) => compiler.close(resolve));
    const { builtModules } = stats?.compilation ?? {};
    return [...(stats?.compilation.modules ?? [])].filter((module) => builtModules?.has(module))
      .length;
  };
  const [cold, warm] = [await modulesBuilt([]), await modulesBuilt([])];
  expect(cold).toBeGreaterThan(warm);
  expect(await modulesBuilt([plugin()])).toBe(warm);
  expect(only(telemetry.events).fields.success).toBe(true);
});

test.each([
  ["development", "development"],
  ["none", "none"],
  [undefined, "production"],
] as const)("mode %s is told as %s", async (mode, told) => {
  const { telemetry, plugin, at } = setUp();
  const { mode: _, ...config } = configFor(at, { plugins: [plugin()] });
  await run(mode === undefined ? config : { ...config, mode });
  expect(only(telemetry.events).fields.mode).toBe(told);
});

describe("failures", () => {
  const throwing = (where: (compiler: Compiler, fail: () => never) => void) => ({
    apply: (compiler: Compiler) =>
      where(compiler, () => {
        throw new RangeError("secret plan");
      }),
  });
  test.each<[string, Record<string, string>, Partial<Configuration>, object]>([
    [
      "a missing module",
      { "src/index.js": 'import "./secret.js";' },
      {},
      { errorPhase: "resolve", errorType: "ModuleNotFoundError" },
    ],
    ["a missing entry", {}, {}, { errorPhase: "resolve", errorType: "ModuleNotFoundError" }],
    [
      "a syntax error",
      { "src/index.js": "const secret = ;" },
      {},
      { errorPhase: "compile", errorType: "ModuleParseError" },
    ],
    [
      "broken JSON",
      { "src/index.js": 'import "./secret.json";', "src/secret.json": "{ secret" },
      {},
      { errorPhase: "compile", errorType: "ModuleParseError" },
    ],
    [
      "a missing export",
      { "src/index.js": 'import { secret } from "./a.js"; secret();', "src/a.js": "export {};" },
      { module: { parser: { javascript: { exportsPresence: "error" } } } },
      { errorPhase: "bundle" },
    ],
    [
      "a loader that throws",
      {
        "src/index.js": "1",
        "secret-loader.cjs": "module.exports = () => { throw new TypeError('secret') }",
      },
      { module: { rules: [{ test: /\.js$/, use: "./secret-loader.cjs" }] } },
      { errorPhase: "transpile", errorType: "TypeError" },
    ],
    [
      "a loader's own class",
      {
        "src/index.js": "1",
        "secret-loader.cjs":
          "class SecretError extends Error {}; module.exports = () => { throw new SecretError('secret') }",
      },
      { module: { rules: [{ test: /\.js$/, use: "./secret-loader.cjs" }] } },
      { errorPhase: "transpile", errorType: "ModuleBuildError" },
    ],
    [
      "a loader's type error",
      {
        "src/index.js": "1",
        "secret-loader.cjs":
          "module.exports = () => { throw new Error('secret.ts(1,2): error TS2307: Cannot find secret') }",
      },
      { module: { rules: [{ test: /\.js$/, use: "./secret-loader.cjs" }] } },
      { errorPhase: "compile", errorType: "TS2307" },
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
      "a plugin that throws in run",
      app,
      { plugins: [throwing((compiler, fail) => compiler.hooks.run.tap("p", fail))] },
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
    ["an output that is a file", { ...app, dist: "secret" }, {}, { errorType: "ENOTDIR" }],
  ])("%s", async (_, files, config, expected) => {
    const { telemetry, plugin, at } = setUp(files);
    await run(configFor(at, { ...config, plugins: [...(config.plugins ?? []), plugin()] }));
    const event = only(telemetry.events);
    expect(event.eventName).toBe("build:failed");
    expect(event.fields).toMatchObject({ success: false, ...expected });
    expect(event.fields.duration).toBeGreaterThanOrEqual(0);
    expect(JSON.stringify(event)).not.toContain("secret");
    expect(telemetry.errors).toEqual([]);
  });
});

describe("MultiCompiler", () => {
  const targets = (at: At, plugin: () => ReturnType<typeof sendoff>, more: Configuration[] = []) =>
    ["client", "server"].map((name, index) => ({
      ...configFor(at, { name, output: { path: at("dist"), filename: `${name}.js` } }),
      devtool: false as const,
      plugins: [plugin()],
      ...more[index],
    }));

  test("compilers that run side by side are one event", async () => {
    const { telemetry, plugin, at } = setUp();
    await run(targets(at, plugin));
    expect(only(telemetry.events).fields).toMatchObject({
      success: true,
      outputSize: sizeOfFolder(at("dist")),
    });
  });

  test("compilers that depend on each other are one event", async () => {
    const { telemetry, plugin, at } = setUp();
    await run(targets(at, plugin, [{}, { dependencies: ["client"] }]));
    expect(telemetry.calls).toContain("amend");
    expect(only(telemetry.events).fields).toMatchObject({
      success: true,
      outputSize: sizeOfFolder(at("dist")),
    });
    expect(telemetry.counts).toEqual([]);
  });

  test("one plugin instance in every compiler is one event", async () => {
    const { telemetry, plugin, at } = setUp();
    const fields = vi.fn(() => ({}));
    const shared = plugin({ fields });
    await run(targets(at, () => shared));
    expect(telemetry.events).toHaveLength(1);
    expect(fields).toHaveBeenCalledTimes(1);
  });

  test("one that fails makes the event a failure", async () => {
    const { telemetry, plugin, at } = setUp({ ...app, "src/broken.js": 'import "./nowhere.js";' });
    await run(targets(at, plugin, [{ entry: "./src/broken.js" }]));
    expect(only(telemetry.events).fields).toMatchObject({
      success: false,
      errorType: "ModuleNotFoundError",
    });
  });
});

test("watch mode: the first build is an event, rebuilds are counted", async () => {
  const { telemetry, plugin, at } = setUp();
  const compiler = webpack(configFor(at, { plugins: [plugin()] })) as Compiler;
  const builds: (() => void)[] = [];
  const nextBuild = () => new Promise<void>((resolve) => builds.push(resolve));
  const built = nextBuild();
  const watching = compiler.watch({ aggregateTimeout: 5 }, () => builds.shift()?.());
  await built;
  expect(only(telemetry.events).fields).toMatchObject({ success: true, watch: true });
  await vi.waitFor(() => expect(telemetry.calls.at(-1)).toBe("flush dev"), 3000);

  for (const [text, error] of [
    ["export const greet = 1;", false],
    ["const = ;", true],
  ] as const) {
    const rebuilt = nextBuild();
    writeFileSync(at("src/greet.js"), text);
    await rebuilt;
    await vi.waitFor(() => expect(telemetry.counts.at(-1)).toEqual({ name: "rebuild", error }));
  }
  await new Promise((resolve) => watching?.close(resolve));
  expect(telemetry.events).toHaveLength(1);
});

test("what the plugin tells of a build is read without the bundler's statistics, which take time", async () => {
  const { telemetry, plugin, at } = setUp();
  let asked = 0;
  const config = configFor(at);
  config.plugins = [
    {
      apply: (compiler: Compiler) =>
        compiler.hooks.done.tap({ name: "counts", stage: Number.NEGATIVE_INFINITY }, (stats) => {
          const { toJson } = stats;
          stats.toJson = (...options) => {
            asked += 1;
            return toJson.apply(stats, options);
          };
        }),
    },
    plugin(),
  ];
  await run(config);
  const { modulesCount, outputSize } = only(telemetry.events).fields;
  expect(modulesCount).toBeGreaterThan(0);
  expect(outputSize).toBeGreaterThan(0);
  expect(asked).toBe(0);
});

test("nothing is hooked in when telemetry is off", () => {
  const { telemetry, plugin, at } = setUp();
  telemetry.isEnabled = false;
  const taps = (plugins: Plugins) => {
    const { hooks } = webpack(configFor(at, { plugins })) as Compiler;
    return Object.values(hooks).map((hook) => ("taps" in hook ? hook.taps.length : 0));
  };
  expect(taps([plugin()])).toEqual(taps([]));
});
