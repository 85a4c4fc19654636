import { fileURLToPath } from "node:url";
import { defineConfig, type Rolldown, type UserConfig } from "tsdown";
import { thirdParty } from "../scripts/third-party.ts";
import manifest from "./package.json" with { type: "json" };

const bundled = ["ci-info"];
const { plugin, writeNotices } = thirdParty(bundled, Object.keys(manifest.dependencies));

let unfinished = 2;

const shared = {
  target: "node20",
  platform: "node",
  format: ["esm"],
  dts: false,
  outputOptions: { comments: { jsdoc: false } },
  report: false,
  failOnWarn: true,
  deps: { onlyBundle: bundled },
  plugins: [plugin],
  hooks: {
    async "build:done"({ options: { outDir } }) {
      unfinished -= 1;
      if (unfinished === 0) await writeNotices(outDir);
    },
  },
} satisfies UserConfig;

/** A worker has no files to write one in, and bundlers would look into DuckDB's module. */
const withoutParquet: Rolldown.Plugin = {
  name: "without-parquet",
  resolveId: {
    order: "pre",
    filter: { id: /\/parquet\.ts$/ },
    handler: () => fileURLToPath(new URL("src/query/export/no-parquet.ts", import.meta.url)),
  },
};

/**
 * The collector: what it shares with the client (`../src`) is bundled, packages are installed. The
 * dashboard is built before, by Vite, into a folder beside it.
 */
export default defineConfig([
  {
    ...shared,
    entry: { main: "src/main.ts" },
    clean: ["dist/*.mjs"],
  },
  // In a file of its own: nothing of Node's collector is to get into it.
  {
    ...shared,
    entry: { worker: "src/server/worker.ts" },
    clean: false,
    plugins: [plugin, withoutParquet],
  },
]);
