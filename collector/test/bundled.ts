import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/**
 * Makes a module that a process of its own can run out of one in TypeScript; packages stay where
 * they are.
 * @returns the file.
 */
export async function bundled(entry: URL): Promise<string> {
  const folder = fileURLToPath(
    new URL("../node_modules/.cache/sendoff-collector", import.meta.url),
  );
  await mkdir(folder, { recursive: true });
  const input = fileURLToPath(entry);
  const file = join(folder, `${basename(input, ".ts")}-${process.pid}.mjs`);
  const build = await rolldown({ input, platform: "node", external: /^[^./]/, logLevel: "warn" });
  await build.write({ file, format: "esm", codeSplitting: false });
  await build.close();
  return file;
}
