import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const here = fileURLToPath(new URL(".", import.meta.url));

/** A module of the collector's sources, for benchmarks that ask more of it than its commands do. */
export async function importSource(name) {
  return import(pathToFileURL(await bundleSource(name)).href);
}

/** @returns a file that Node runs. */
export async function bundleSource(name) {
  const folder = path.join(here, "../node_modules/.cache/sendoff-collector-bench");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name.replace(/^[./]+/, "").replaceAll("/", "-")}.mjs`);
  const input = path.join(here, "../src", `${name}.ts`);
  const build = await rolldown({ input, platform: "node", external: /^[^./]/ });
  await build.write({ file, format: "esm" });
  await build.close();
  return file;
}
