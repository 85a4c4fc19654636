import { type TrackedBuild, trackBuild } from "./build-run.ts";
import { installedVersion } from "./installed-version.ts";
import { checkOptions, guard, type PluginOptions } from "./options.ts";

/** What a module is given, as far as a build is followed by it. */
interface Nuxt {
  options: { dev: boolean; rootDir: string; builder: unknown };
  hook(name: Hook, handler: (error: unknown) => void): unknown;
}
type Hook = "build:before" | "build:error" | "build:done" | "close";

/**
 * For the `modules` of a Nuxt config. The server is bundled, and pages are rendered, in other
 * modules' `build:done`; only what comes after is the end.
 */
export default function sendoff(options: PluginOptions) {
  checkOptions(options, "sendoff/nuxt");
  const safely = guard(options.telemetry, "nuxt");
  let build: TrackedBuild | undefined;
  const setup = safely((nuxt: Nuxt) => {
    const { dev, rootDir, builder } = nuxt.options;
    if (dev) return;
    const start = safely(() => {
      const name = /rspack|webpack/.exec(String(builder))?.[0] ?? "vite";
      const version = installedVersion(name, rootDir);
      build ??= trackBuild(options, { name, version, mode: "production" });
      build?.start(false);
    });
    nuxt.hook("build:before", start);
    nuxt.hook("build:error", (error) => {
      build?.end(() => ({ success: false, error }));
      build = undefined;
    });
    // The first that is told of a build that Nuxt takes from its cache.
    nuxt.hook("build:done", start);
    // Other modules' own hooks are yet to come.
    nuxt.hook("close", () => build?.end(() => ({ success: true }), true));
  });
  return (_: unknown, nuxt: Nuxt): void => setup(nuxt);
}
