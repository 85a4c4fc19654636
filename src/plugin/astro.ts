import { type TrackedBuild, trackBuild } from "./build-run.ts";
import { checkOptions, guard, type PluginOptions } from "./options.ts";
import vite from "./vite.ts";

interface Setup {
  command: string;
  updateConfig(config: { vite: { plugins: ReturnType<typeof vite>[] } }): unknown;
}

/**
 * For the `integrations` of an Astro config. Vite's builds are a part of Astro's: the pages are
 * rendered after them, and what fails there Vite's plugins never hear of.
 */
export default function sendoff(options: PluginOptions) {
  checkOptions(options, "sendoff/astro");
  const safely = guard(options.telemetry, "astro");
  let build: TrackedBuild | undefined;
  return {
    name: "sendoff",
    hooks: {
      "astro:config:setup": safely(({ command, updateConfig }: Setup) => {
        if (command !== "build") return;
        // What bundled, and which version of it, Vite's own builds say: they end first.
        build = trackBuild(options, { name: "vite", version: "", mode: "production" });
        build?.start(false);
        if (build !== undefined) updateConfig({ vite: { plugins: [vite(options)] } });
      }),
      // Other integrations' own hooks are yet to come.
      "astro:build:done": () => build?.end(() => ({ success: true }), true),
    },
  };
}
