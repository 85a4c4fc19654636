import type { Compiler, Stats } from "webpack";
import { trackBuild } from "./build-run.ts";
import type { BuildOutcome } from "./describe.ts";
import { checkOptions, guard, type PluginOptions } from "./options.ts";
import { followCompiler } from "./webpack-like.ts";

/** For the `plugins` of a webpack config. */
export default function sendoff(options: PluginOptions): { apply(compiler: Compiler): void } {
  checkOptions(options, "sendoff/webpack");
  return {
    apply: guard(
      options.telemetry,
      "webpack",
    )((compiler: Compiler) => {
      const build = trackBuild(options, {
        name: "webpack",
        version: compiler.webpack.version,
        // As webpack takes it when it isn't set.
        mode: compiler.options.mode ?? "production",
      });
      if (build !== undefined) followCompiler<Stats>(compiler.hooks, build, outcomeOf);
    }),
  };
}

function outcomeOf(stats: Stats): BuildOutcome {
  const { compilation } = stats;
  const { startTime, endTime } = compilation;
  if (stats.hasErrors()) return { success: false, error: compilation.errors, startTime, endTime };
  return {
    success: true,
    startTime,
    endTime,
    outputSize: outputSize(compilation.assetsInfo.values()),
    modulesCount: compilation.modules.size,
  };
}

/** Once an asset is emitted its size stands in its info; without one nothing was emitted. */
function outputSize(infos: Iterable<{ size?: number }>): number | undefined {
  let total = 0;
  for (const { size } of infos) {
    if (size === undefined) return undefined;
    total += size;
  }
  return total;
}
