import { rolldown, watch } from "rolldown";

/** acme's build command: `--watch` goes on, a failed build exits with 1. */
export async function build({ output, ...options }) {
  if (process.argv.includes("--watch")) {
    watch({ ...options, output }).on("event", ({ error, result }) => {
      if (error) console.error(error.message);
      result?.close();
    });
    return;
  }
  let bundle;
  try {
    bundle = await rolldown(options);
    for (const { fileName, code, source } of (await bundle.write(output)).output) {
      console.log(`${fileName} ${Buffer.byteLength(code ?? source)} bytes`);
    }
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await bundle?.close();
  }
}
