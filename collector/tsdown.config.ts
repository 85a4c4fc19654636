import { fileURLToPath } from "node:url";
import { defineConfig, type Rolldown, type UserConfig } from "tsdown";

const shared = {
  target: "node20",
  platform: "node",
  format: ["esm"],
  dts: false,
  outputOptions: { comments: { jsdoc: false } },
  report: false,
  failOnWarn: true,
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
    deps: { onlyBundle: ["ci-info"] },
  },
  // In a file of its own: nothing of Node's collector is to get into it.
  {
    ...shared,
    entry: { worker: "src/server/worker.ts" },
    clean: false,
    plugins: [withoutParquet],
    deps: { onlyBundle: ["ci-info"] },
  },
]);
