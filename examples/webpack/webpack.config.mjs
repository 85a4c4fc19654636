import path from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** How the app beside this folder is built, with nothing of telemetry in it. */
export default {
  mode: "production",
  context: here,
  entry: process.env.ACME_EXAMPLE_BREAK === "1" ? "../app/broken.js" : "../app/index.js",
  devtool: "source-map",
  output: { path: path.resolve(process.env.ACME_EXAMPLE_OUT ?? path.join(here, "dist")) },
};
