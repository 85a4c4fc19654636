import path from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** The app that is built, with nothing of telemetry in it. */
export default {
  root: here,
  configFile: false,
  // acme says itself what it built.
  logLevel: "error",
  plugins: [],
  build: {
    rollupOptions: {
      input: process.env.ACME_EXAMPLE_BREAK === "1" ? "src/broken.js" : "src/index.js",
    },
    outDir: path.resolve(process.env.ACME_EXAMPLE_OUT ?? path.join(here, "dist")),
    emptyOutDir: true,
    sourcemap: true,
  },
};
