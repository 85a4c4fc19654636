import path from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Rollup itself reads JavaScript alone. */
const json = {
  name: "json",
  transform: (code, id) =>
    id.endsWith(".json") ? { code: `export default ${code}`, map: null } : undefined,
};

/** How the app beside this folder is built, with nothing of telemetry in it. */
export default {
  input: path.join(
    here,
    process.env.ACME_EXAMPLE_BREAK === "1" ? "../app/broken.js" : "../app/index.js",
  ),
  plugins: [json],
  output: {
    dir: path.resolve(process.env.ACME_EXAMPLE_OUT ?? path.join(here, "dist")),
    sourcemap: true,
  },
};
