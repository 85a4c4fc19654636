import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The client's own back-off and limits, out of `src`: what is simulated is what ships. */
export async function clientCode() {
  const { outputFiles } = await build({
    stdin: {
      contents:
        'export { backoffMs } from "./spool/backoff.ts"; export * from "./support/limits.ts";',
      resolveDir: fileURLToPath(new URL("../../src", import.meta.url)),
      loader: "ts",
    },
    ...{ bundle: true, write: false, format: "esm", platform: "node", logLevel: "error" },
  });
  const [{ text }] = outputFiles;
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}
