import path from "node:path";
import * as esbuild from "esbuild";

/** acme's build command: `--watch` goes on, a failed build exits with 1. */
export async function build(options) {
  if (process.argv.includes("--watch")) {
    const context = await esbuild.context(options);
    await context.watch();
    return;
  }
  try {
    const { metafile } = await esbuild.build(options);
    for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
      console.log(`${path.basename(file)} ${bytes} bytes`);
    }
  } catch {
    // esbuild has told the user what is wrong.
    process.exitCode = 1;
  }
}
