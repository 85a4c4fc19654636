import path from "node:path";
import { defineConfig, type Rolldown, type UserConfig } from "tsdown";
import { asciiOnly } from "./scripts/ascii-only.ts";
import { builtinsWithoutImport } from "./scripts/builtins.ts";
import { ciVendors } from "./scripts/ci-vendors.ts";
import { compactLists } from "./scripts/compact-lists.ts";
import { requireEsm } from "./scripts/require-esm.ts";
import { shareDeclarations } from "./scripts/shared-declarations.ts";
import { textFiles } from "./scripts/text-files.ts";
import { thirdParty } from "./scripts/third-party.ts";
import { wholeHalves } from "./scripts/whole-halves.ts";

/**
 * What a product imports as `sendoff/<name>`, and the file it is made from. The build copies the
 * names to `exports` in package.json; a new one is a line here and nothing else.
 */
const library = {
  entry: {
    index: "src/index.ts",
    webpack: "src/plugin/webpack.ts",
    rspack: "src/plugin/rspack.ts",
    esbuild: "src/plugin/esbuild.ts",
    vite: "src/plugin/vite.ts",
    rollup: "src/plugin/rollup.ts",
    rolldown: "src/plugin/rolldown.ts",
    astro: "src/plugin/astro.ts",
    next: "src/plugin/next.ts",
    nuxt: "src/plugin/nuxt.ts",
    xmcp: "src/presets/xmcp.ts",
    testing: "src/testing/index.ts",
  },
};

/** The commands, as an entry and as the bin. */
const commands = { cli: "src/cli/index.ts" };

/** Of their bundlers plugins import types alone. */
const bundlers = ["webpack", "esbuild", "@rspack/core", "vite", "rollup", "rolldown"];

/** What the published files contain of others: what we import, and what that imports. */
const { plugin, writeNotices } = thirdParty([
  "ci-info",
  "hpagent",
  "is-docker",
  "is-inside-container",
  "is-wsl",
  "proxy-from-env",
  // What `try` runs builds with: cross-spawn, and what that imports.
  "cross-spawn",
  "isexe",
  "path-key",
  "shebang-command",
  "shebang-regex",
  "which",
]);

/** What the comments say stands in the declarations; a build would read them each time. */
const output = { comments: { jsdoc: false } };

/** What a build loads is one file, and what few builds want is a second one (whole-halves.ts). */
const parts = { later: "src/tracker/later-parts.ts", "whole/index": "src/whole.ts" };

/** Where a module belongs: to the first half if a build's own code reaches it, or to the second. */
function halfOf(id: string, context: Rolldown.ChunkingContext): string | null {
  if (/\.d\.[cm]?ts$/.test(id)) return null;
  const [first, second] = [library.entry.index, parts.later].map((file) => path.resolve(file));
  const isReached = (from: string, entries: RegExp, seen = new Set<string>()): boolean => {
    if (seen.has(from)) return false;
    seen.add(from);
    const info = context.getModuleInfo(from);
    if (info?.isEntry) return entries.test(from);
    return info?.importers.some((other) => isReached(other, entries, seen)) ?? false;
  };
  if (id === first) return "index";
  if (id === second) return "later";
  const info = context.getModuleInfo(id);
  if (info?.isEntry) return null;
  const isWanted = info?.importers.includes(second as string);
  if (!isWanted && isReached(id, /[\\/]src[\\/](index\.ts|plugin[\\/])/)) return "index";
  return isReached(id, /later-parts\.ts$/) ? "later" : null;
}

/** Whether what it exports is for a build's process. */
const isBuilds = (entry: string): boolean => entry !== "testing" && entry in library.entry;

/**
 * What can require an ES module takes what loads the second half late: Node, and Vite for its
 * config, which it bundles without the packages. What has it at hand is for bundlers, which say
 * `module`, and for Deno, which may make one file of a program, too.
 */
function asImported({ "./sendoff-sender": sender, ...exports }: Record<string, unknown>) {
  const entries = Object.entries(exports).flatMap(([name, target]) => {
    const file = name === "." ? "index" : name.slice(2);
    if (file in parts || `${file}/index` in parts) return [];
    if (!isBuilds(file)) return [[name, target]];
    const whole = (extension: string) => `./dist/whole/${file}.${extension}`;
    const imported = {
      types: `./dist/${file}.d.mts`,
      module: whole("mjs"),
      deno: whole("mjs"),
      "module-sync": `./dist/${file}.mjs`,
      default: whole("mjs"),
    };
    // What `module` names has to be an ES module; here it is by conditions of which only Node has both.
    const required = {
      types: `./dist/${file}.d.cts`,
      "node-addons": { "module-sync": `./dist/${file}.cjs` },
      default: whole("cjs"),
    };
    return [[name, { import: imported, require: required }]];
  });
  // Products import the sender as `sendoff/sender`.
  return { ...Object.fromEntries(entries), ...(sender !== undefined && { "./sender": sender }) };
}

let finished = Promise.resolve();

const shared = {
  target: "node20",
  dts: true,
  deps: { neverBundle: bundlers, onlyBundle: false },
  plugins: [
    plugin,
    textFiles(),
    ciVendors(),
    builtinsWithoutImport(),
    compactLists(),
    asciiOnly(),
    requireEsm(isBuilds),
    wholeHalves(isBuilds),
  ],
  hooks: {
    // Called for each format, when all of them are done; what is done again changes nothing.
    "build:done"({ options: { outDir } }) {
      finished = finished.then(() => shareDeclarations(outDir)).then(() => writeNotices(outDir));
      return finished;
    },
  },
  exports: {
    legacy: false,
    exclude: ["bin"],
    inlinedDependencies: false,
    customExports: asImported,
  },
  checks: { legacyCjs: false },
  // A build's process reads all of it: a third less to read is a millisecond less to wait.
  minify: true,
  report: false,
  failOnWarn: true,
} satisfies UserConfig;

export default defineConfig([
  // The chunks these share lie beside them, in no folder of their own: the tracker is in one, and
  // looks for the sender where it is itself.
  {
    ...shared,
    entry: { ...parts, ...library.entry, ...commands, bin: "src/cli/bin.ts" },
    deps: { ...shared.deps, neverBundle: [...bundlers, "sendoff/xmcp"] },
    dts: { entry: Object.values({ ...library.entry, ...commands }) },
    // What a build loads is one file: each further one costs it half a millisecond.
    outputOptions: {
      ...output,
      codeSplitting: { groups: [{ name: halfOf }] },
    },
    format: { esm: {}, cjs: { entry: { ...library.entry, ...commands } } },
  },
  // One file, whatever it imports: it is started by its path, and products bundle or copy it.
  {
    ...shared,
    // By this name the tracker finds it, beside itself or beside a product's bundle.
    entry: { "sendoff-sender": "src/flush/main.ts" },
    // An ES module would be 4 ms of processor time: Node loads another loader for it.
    format: ["cjs"],
    plugins: [plugin, builtinsWithoutImport(), compactLists(), asciiOnly()],
    outputOptions: { ...output, codeSplitting: false },
  },
]);
