import type { Compiler, Stats } from "@rspack/core";
import { trackBuild } from "./build-run.ts";
import type { BuildOutcome } from "./describe.ts";
import { checkOptions, guard, type PluginOptions } from "./options.ts";
import { sizeOfFiles } from "./output-size.ts";
import { followCompiler } from "./webpack-like.ts";

/** For the `plugins` of an Rspack config, and of Rsbuild's `tools.rspack`. */
export default function sendoff(options: PluginOptions): { apply(compiler: Compiler): void } {
  checkOptions(options, "sendoff/rspack");
  return {
    apply: guard(
      options.telemetry,
      "rspack",
    )((compiler: Compiler) => {
      const build = trackBuild(options, {
        name: "rspack",
        version: compiler.rspack.rspackVersion,
        // As Rspack takes it when it isn't set.
        mode: compiler.options.mode ?? "production",
      });
      if (build !== undefined) followCompiler<Stats>(compiler.hooks, build, outcomeOf);
    }),
  };
}

/** Modules are left out: counting 4,000 takes 140 ms in Rspack 2.0, 155 ms in 1.7. */
function outcomeOf(stats: Stats): BuildOutcome {
  const { compilation } = stats;
  const times = { startTime: compilation.startTime, endTime: compilation.endTime };
  if (stats.hasErrors()) return { ...times, success: false, error: compilation.errors };
  return { ...times, success: true, outputSize: outputSize(stats) };
}

/** As written: Rspack's own sizes come with a whole report on the build, or its sources. */
function outputSize({ compilation }: Stats): number | undefined {
  const { outputFileSystem, outputPath } = compilation.compiler;
  if (outputFileSystem === null) return undefined;
  return sizeOfFiles(outputPath, Object.keys(compilation.assets), outputFileSystem);
}
