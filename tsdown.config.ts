import { defineConfig, type Rolldown, type UserConfig } from "tsdown";
import { builtinsWithoutImport } from "./scripts/builtins.ts";
import { compactLists } from "./scripts/compact-lists.ts";
import { requireEsm } from "./scripts/require-esm.ts";
import { shareDeclarations } from "./scripts/shared-declarations.ts";
import { textFiles } from "./scripts/text-files.ts";
import { thirdParty } from "./scripts/third-party.ts";

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

/** What runs in a build's process: what plugins and the tracker reach. */
function clientOf(id: string, context: Rolldown.ChunkingContext): string | null {
  if (/\.d\.[cm]?ts$/.test(id)) return null;
  const seen = new Set<string>();
  const isReached = (from: string): boolean => {
    if (seen.has(from)) return false;
    seen.add(from);
    const info = context.getModuleInfo(from);
    if (info?.isEntry) return !/[\\/]src[\\/](cli|presets|testing)[\\/]/.test(from);
    return info?.importers.some(isReached) ?? false;
  };
  const isEntry = context.getModuleInfo(id)?.isEntry ?? false;
  return !isEntry && isReached(id) ? "client" : null;
}

/** Products import it as `sendoff/sender`. */
function withSender(exports: Record<string, unknown>) {
  const { "./sendoff-sender": sender, ...others } = exports;
  return sender === undefined ? others : { ...others, "./sender": sender };
}

let finished = Promise.resolve();

const shared = {
  target: "node20",
  dts: true,
  deps: { neverBundle: bundlers, onlyBundle: false },
  plugins: [plugin, textFiles(), builtinsWithoutImport(), compactLists(), requireEsm()],
  hooks: {
    // Called for each format, when all of them are done; what is done again changes nothing.
    "build:done"({ options: { outDir } }) {
      finished = finished.then(() => shareDeclarations(outDir)).then(() => writeNotices(outDir));
      return finished;
    },
  },
  exports: { exclude: ["bin"], inlinedDependencies: false, customExports: withSender },
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
    entry: { ...library.entry, ...commands, bin: "src/cli/bin.ts" },
    deps: { ...shared.deps, neverBundle: [...bundlers, "sendoff/xmcp"] },
    // What a build loads is one file: each further one costs it half a millisecond.
    outputOptions: {
      ...output,
      codeSplitting: { groups: [{ name: clientOf }] },
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
    plugins: [plugin, builtinsWithoutImport(), compactLists()],
    outputOptions: { ...output, codeSplitting: false },
  },
]);
