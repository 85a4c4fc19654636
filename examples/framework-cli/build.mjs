import path from "node:path";
import * as esbuild from "esbuild";
import sendoff from "sendoff/esbuild";
import { config } from "./config.mjs";
import { telemetry } from "./telemetry.mjs";

/** `acme build`. */
export async function build() {
  const { entry, outdir } = await config;
  const fields = () => ({ pagesCount: 1 });
  try {
    const { metafile } = await esbuild.build({
      absWorkingDir: process.cwd(),
      entryPoints: [entry],
      outdir: path.resolve(process.env.ACME_EXAMPLE_OUT ?? outdir),
      bundle: true,
      metafile: true,
      plugins: [sendoff({ telemetry, fields })],
    });
    for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
      console.log(`${path.basename(file)} ${bytes} bytes`);
    }
  } catch {
    // esbuild has told the user what is wrong.
    process.exitCode = 1;
  }
}
