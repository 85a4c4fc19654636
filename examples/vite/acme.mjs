import * as vite from "vite";

/** acme's build command: `--watch` goes on, a failed build exits with 1. */
export async function build(config) {
  if (process.argv.includes("--watch")) {
    await vite.build({ ...config, build: { ...config.build, watch: {} } });
    return;
  }
  try {
    const { output } = await vite.build(config);
    for (const { fileName, code, source } of output) {
      console.log(`${fileName} ${Buffer.byteLength(code ?? source)} bytes`);
    }
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
