import path from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** How the app beside this folder is built, with nothing of telemetry in it. */
export default {
  absWorkingDir: here,
  entryPoints: [process.env.ACME_EXAMPLE_BREAK === "1" ? "../app/broken.js" : "../app/index.js"],
  bundle: true,
  minify: true,
  sourcemap: true,
  // acme prints it; with it, events tell sizes and modules too.
  metafile: true,
  outdir: path.resolve(process.env.ACME_EXAMPLE_OUT ?? path.join(here, "dist")),
};
