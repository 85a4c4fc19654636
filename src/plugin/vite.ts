import type { Plugin, Rollup } from "vite";
import { installedVersion } from "./installed-version.ts";
import { checkOptions, type PluginOptions } from "./options.ts";
import { rollupHooks } from "./rollup-like.ts";

/**
 * Of those whose builds a command runs. SvelteKit and others render pages when Vite has closed all
 * bundles; that the command fails then is for its exit code to say. By telemetry, because Vite reads
 * the config anew for each environment.
 */
const commands = new WeakSet<object>();

/** For the `plugins` of a Vite config. The dev server builds nothing, and nothing is recorded. */
export default function sendoff(options: PluginOptions): Plugin {
  checkOptions(options, "sendoff/vite");
  const { telemetry } = options;
  const hooks = rollupHooks(
    "vite",
    options,
    ({ meta, environment }: Rollup.PluginContext) => ({
      // Vite 6 doesn't tell.
      version: meta.viteVersion ?? installedVersion("vite", environment.config.root),
      mode: environment.config.mode,
    }),
    () => commands.has(telemetry),
  );
  return {
    name: "sendoff",
    // Asked late: the dev server and previews load the config too, and need no answer.
    apply: (_, { command }) => command === "build" && telemetry.isEnabled,
    enforce: "post",
    ...hooks,
    buildApp: { order: "pre", handler: async () => void commands.add(telemetry) },
  };
}
