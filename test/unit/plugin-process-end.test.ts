import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { expect, test } from "vitest";
import type { PluginEvent } from "../../src/plugin/options.ts";
import { whenProcessEnds } from "../../src/plugin/process-end.ts";
import { project } from "./plugin-telemetry.ts";

/**
 * Runs a build in a process of its own, which ends as `script` has it. In the script are `webpack`,
 * `esbuild`, `rollup`, `sendoff` (by bundler), `telemetry`, and `stop(end)`, a webpack plugin that calls `end`
 * in the middle of the build. Returns what was recorded by the time the process ended.
 */
function endOf(script: string): { status: number | null; events: PluginEvent[]; calls: string[] } {
  const at = project({ "src/index.js": "console.log(1);\n" });
  const entryPoints = ["webpack", "esbuild", "rollup"].map((name) =>
    path.resolve(`src/plugin/${name}.ts`),
  );
  const outExtension = { ".js": ".mjs" };
  esbuild.buildSync({
    entryPoints,
    bundle: true,
    format: "esm",
    platform: "node",
    inject: [path.resolve("test/all-at-hand.ts")],
    // By package.json what is not published has no effects.
    ignoreAnnotations: true,
    outdir: at("lib"),
    outExtension,
  });
  const { resolve } = createRequire(import.meta.url);
  const url = (file: string) => JSON.stringify(pathToFileURL(file).href);
  const child = spawnSync(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `
      import { writeSync } from "node:fs";
      import webpack from ${url(resolve("webpack"))};
      import * as esbuild from ${url(resolve("esbuild"))};
      import * as rollup from ${url(resolve("rollup"))};
      import forWebpack from ${url(at("lib/webpack.mjs"))};
      import forEsbuild from ${url(at("lib/esbuild.mjs"))};
      import forRollup from ${url(at("lib/rollup.mjs"))};
      const events = [], calls = [];
      const telemetry = {
        isEnabled: true,
        record: (event) => { calls.push("record"); events.push(event); },
        amend: (event, by) => {
          events[events.indexOf(event)] = by;
          return true;
        },
        hold() {}, count() {}, reportError() {},
        flushDetached: (mode) => calls.push("flush " + mode),
      };
      process.on("exit", () => writeSync(3, JSON.stringify({ events, calls })));
      const sendoff = { webpack: forWebpack, esbuild: forEsbuild, rollup: forRollup };
      const config = { mode: "none", entry: "./src/index.js" };
      const stop = (end) => ({
        apply: (compiler) =>
          compiler.hooks.make.tapPromise("stop", () => new Promise(() => setImmediate(end))),
      });
      ${script}
      `,
    ],
    { cwd: at(), encoding: "utf8", stdio: ["ignore", "ignore", "pipe", "pipe"], timeout: 20_000 },
  );
  if (!child.output[3]) throw new Error(child.stderr);
  return { status: child.status, ...JSON.parse(child.output[3]) };
}

const stopped = (end: string) =>
  endOf(
    `webpack({ ...config, plugins: [sendoff.webpack({ telemetry }), stop(() => { ${end} })] }, () => {});`,
  );

test("an error that ends the process in the middle of a build is the build's failure", () => {
  const { status, events, calls } = stopped("throw new RangeError('secret')");
  expect(status).toBe(1);
  expect(events).toMatchObject([
    { eventName: "build:failed", fields: { success: false, errorType: "RangeError" } },
  ]);
  expect(calls).toEqual(["record", "flush exit"]);
});

test("an exit with an error code in the middle of a build is a failure nobody explained", () => {
  const { status, events } = stopped("process.exit(3)");
  expect(status).toBe(3);
  expect(events).toMatchObject([
    { eventName: "build:failed", fields: { errorPhase: "unknown", errorType: "UnknownError" } },
  ]);
});

test.each([0, 130, 143])("an exit with %i in the middle of a build is no event", (code) => {
  expect(stopped(`process.exit(${code})`)).toEqual({ status: code, events: [], calls: [] });
});

test.each([0, 1])("process.exit(%i) right after a webpack build loses nothing", (code) => {
  const { status, events, calls } = endOf(
    `webpack({ ...config, plugins: [sendoff.webpack({ telemetry })] }, () => process.exit(${code}));`,
  );
  expect(status).toBe(code);
  expect(events).toMatchObject([{ eventName: "build:completed" }]);
  expect(calls).toEqual(["record", "flush build"]);
});

test("process.exit() right after an esbuild build loses nothing", () => {
  const { events, calls } = endOf(`
    const plugins = [sendoff.esbuild({ telemetry })];
    await esbuild.build({ entryPoints: ["src/index.js"], outdir: "dist", plugins });
    process.exit();
  `);
  expect(events).toMatchObject([{ eventName: "build:completed", fields: { watch: false } }]);
  expect(calls).toEqual(["record", "flush build"]);
});

test("a process that has nothing else to do does not wait for us", () => {
  const { calls } = endOf(`
    const plugins = [sendoff.esbuild({ telemetry })];
    const context = await esbuild.context({ entryPoints: ["src/index.js"], outdir: "dist", plugins });
    await context.rebuild();
    void context.dispose();
  `);
  // What watches is flushed a second later, as "dev".
  expect(calls).toEqual(["record", "flush build"]);
});

test.each([
  ["generateBundle", "await writing", { errorPhase: "emit", errorType: "RangeError" }],
  ["closeBundle", "await writing", { errorPhase: "emit", errorType: "RangeError" }],
  [
    "generateBundle",
    "await writing.catch(fail)",
    { errorPhase: "emit", errorType: "UnknownError" },
  ],
  [
    "closeBundle",
    "await writing.catch(fail)",
    { errorPhase: "unknown", errorType: "UnknownError" },
  ],
])(
  "what a Rollup plugin throws in %s, by `%s`, is told at the process's end",
  (hook, end, told) => {
    const { status, events } = endOf(`
    const bad = { name: "bad", ${hook}() { throw new RangeError("secret"); } };
    const fail = () => { process.exitCode = 1; };
    const bundle = await rollup.rollup({
      input: "src/index.js",
      plugins: [sendoff.rollup({ telemetry }), bad],
    });
    const writing = bundle.write({ dir: "dist" }).finally(() => bundle.close());
    ${end};
  `);
    expect(status).toBe(1);
    expect(events).toMatchObject([{ eventName: "build:failed", fields: told }]);
  },
);

test("a process that fails long after a Rollup build was closed has not failed the build", () => {
  const { status, events } = endOf(`
    const plugins = [sendoff.rollup({ telemetry })];
    const bundle = await rollup.rollup({ input: "src/index.js", plugins });
    await bundle.write({ dir: "dist" });
    await bundle.close();
    process.exitCode = 1;
  `);
  expect(status).toBe(1);
  expect(events).toMatchObject([{ eventName: "build:completed" }]);
});

test("who stops listening while the exit is told to others is not called any more", () => {
  const codes: number[] = [];
  const stop = whenProcessEnds((code) => codes.push(code));
  // Node goes through a list of its own, from which nobody is taken.
  const [told] = process.listeners("exit") as ((code: number) => void)[];
  told?.(0);
  stop();
  told?.(1);
  expect(codes).toEqual([0]);
});
