import type { Compiler, Stats } from "webpack";
import { trackBuild } from "./build-run.ts";
import type { BuildOutcome } from "./describe.ts";
import { checkOptions, guard, type PluginOptions } from "./options.ts";

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
      if (build === undefined) return;
      compiler.hooks.run.tap(first, () => build.start(false));
      compiler.hooks.watchRun.tap(first, () => build.start(true));
      compiler.hooks.done.tap(last, (stats) => build.end(() => outcomeOf(stats)));
      // A plugin threw, or the output can't be written; after `done`, if a plugin threw in that.
      compiler.hooks.failed.tap(last, (error) => build.end(() => ({ success: false, error })));
    }),
  };
}

/** A plugin that dies in the same hook has started too. */
const first = { name: "sendoff", stage: Number.NEGATIVE_INFINITY };
/** What other plugins do in the same hook belongs to the build. */
const last = { name: "sendoff", stage: Number.POSITIVE_INFINITY };

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
