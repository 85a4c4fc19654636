import path from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** How the app beside this folder is built, with nothing of telemetry in it. */
export default {
  root: here,
  configFile: false,
  // acme says itself what it built.
  logLevel: "error",
  plugins: [],
  build: {
    rollupOptions: {
      input: process.env.ACME_EXAMPLE_BREAK === "1" ? "../app/broken.js" : "../app/index.js",
    },
    outDir: path.resolve(process.env.ACME_EXAMPLE_OUT ?? path.join(here, "dist")),
    emptyOutDir: true,
    sourcemap: true,
  },
};
