import path from "node:path";
import { pathToFileURL } from "node:url";

/** `acme.config.mjs` where acme was started, with what the command line says on top. */
export const config = load();

async function load() {
  const file = pathToFileURL(path.resolve("acme.config.mjs")).href;
  const { default: fromFile } = await import(file).catch(() => ({ default: {} }));
  const isOff = process.argv.includes("--no-telemetry") || process.env.ACME_CONFIG_OFF === "1";
  const flags = isOff ? { telemetry: false } : {};
  return { entry: "src/index.js", outdir: "dist", ...fromFile, ...flags };
}
