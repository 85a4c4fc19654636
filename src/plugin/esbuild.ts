import type { BuildOptions, BuildResult, Plugin, PluginBuild } from "esbuild";
import { trackBuild } from "./build-run.ts";
import type { BuildOutcome } from "./describe.ts";
import { checkOptions, guard, type PluginOptions } from "./options.ts";

/** For the `plugins` of esbuild's `build` and `context`. */
export default function sendoff(options: PluginOptions): Plugin {
  checkOptions(options, "sendoff/esbuild");
  return {
    name: "sendoff",
    setup: guard(
      options.telemetry,
      "esbuild",
    )((esbuild: PluginBuild) => {
      const build = trackBuild(options, {
        name: "esbuild",
        version: esbuild.esbuild.version,
        mode: modeOf(esbuild.initialOptions),
      });
      if (build === undefined) return;
      let errors: BuildResult["errors"] = [];
      let errorsTold = 0;
      // A plugin isn't told whether `build` or `context` runs it: whether it watches is left open.
      esbuild.onStart(() => build.start());
      esbuild.onEnd((result) => {
        errors = result.errors;
        errorsTold = errors.length;
        build.end(() => outcomeOf(result), true);
      });
      // The first versions with contexts don't tell; there, the exit code says what failed later.
      esbuild.onDispose?.(() => {
        // Later plugins whose `onEnd` failed have added to the list.
        if (errors.length > errorsTold) build.end(() => ({ success: false, error: errors }));
        build.close();
      });
    }),
  };
}

function outcomeOf(result: BuildResult): BuildOutcome {
  if (result.errors.length > 0) return { success: false, error: result.errors };
  const { metafile, outputFiles } = result;
  // Both are there only if the user asked for them; asking ourselves would change the result.
  const sizes =
    outputFiles?.map((file) => file.contents.byteLength) ??
    (metafile && Object.values(metafile.outputs).map((output) => output.bytes));
  return {
    success: true,
    outputSize: sizes?.reduce((total, size) => total + size, 0),
    modulesCount: metafile && Object.keys(metafile.inputs).length,
  };
}

/**
 * esbuild has no modes: what it would put in the place of `process.env.NODE_ENV` comes closest,
 * which follows from minification and only happens for browsers.
 */
function modeOf({ define, platform, ...minification }: BuildOptions): string {
  const defined = define?.["process.env.NODE_ENV"]?.replace(/["']/g, "");
  if (defined === "production" || defined === "development") return defined;
  const { minify, minifyIdentifiers, minifySyntax, minifyWhitespace } = minification;
  if (minify || (minifyIdentifiers && minifySyntax && minifyWhitespace)) return "production";
  return (platform ?? "browser") === "browser" ? "development" : "none";
}
