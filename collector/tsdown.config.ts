import { defineConfig } from "tsdown";

/**
 * The collector: what it shares with the client (`../src`) is bundled, packages are installed. The
 * dashboard is built before, by Vite, into a folder beside it.
 */
export default defineConfig({
  entry: { main: "src/main.ts" },
  target: "node20",
  platform: "node",
  format: ["esm"],
  dts: false,
  clean: ["dist/*.mjs"],
  outputOptions: { comments: { jsdoc: false } },
  report: false,
  failOnWarn: true,
  deps: { onlyBundle: ["ci-info"] },
});
