import { rspack } from "@rspack/core";

/** acme's build command: `--watch` goes on, a failed build exits with 1. */
export function build(config) {
  const compiler = rspack(config);
  if (process.argv.includes("--watch")) compiler.watch({}, report);
  else compiler.run((error, stats) => compiler.close(() => report(error, stats)));
}

function report(error, stats) {
  if (error || stats.hasErrors()) {
    console.error(error ?? stats.toString({ all: false, errors: true }));
    process.exitCode = 1;
    return;
  }
  for (const { name, size } of stats.toJson({ all: false, assets: true }).assets) {
    console.log(`${name} ${size} bytes`);
  }
}
