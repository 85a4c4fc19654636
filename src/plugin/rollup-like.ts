import path from "node:path";
import { trackBuild } from "./build-run.ts";
import type { Bundler } from "./describe.ts";
import { guard, type PluginOptions } from "./options.ts";
import { sizeOfFiles } from "./output-size.ts";
import { RollupBuilds } from "./rollup-builds.ts";

/** What Rollup, Rolldown and Vite give to a plugin's hooks, as far as a build is followed by it. */
interface Context {
  meta: { watchMode: boolean; rolldownVersion?: string };
  /** Vite's: the client, the server, … */
  environment?: object;
  getModuleIds(): Iterable<string>;
}
interface OutputOptions {
  dir?: string | undefined;
  file?: string | undefined;
}

/** The hooks that Rollup, Rolldown and Vite have in common. */
export function rollupHooks<Its extends Context>(
  name: string,
  options: PluginOptions,
  facts: (context: Its) => Omit<Bundler, "name">,
  /** Whether more than the bundler knows of is built after the bundle is closed. */
  goesOn: () => boolean = () => false,
) {
  const safely = guard(options.telemetry, name);
  const followed = new WeakMap<object, RollupBuilds>();
  const all = new Set<RollupBuilds>();
  const buildsOf = ({ environment = options }: Its): RollupBuilds => {
    const builds = followed.get(environment) ?? new RollupBuilds();
    followed.set(environment, builds);
    all.add(builds);
    return builds;
  };
  /** In turn with other plugins' hooks, where those run side by side. */
  const hook = <Order extends "pre" | "post", Args extends unknown[]>(
    order: Order,
    body: (builds: RollupBuilds, context: Its, ...args: Args) => void,
  ) => ({
    order,
    sequential: true,
    handler(this: Its, ...args: Args): void {
      safely(() => body(buildsOf(this), this, ...args))();
    },
  });
  return {
    // First: a plugin that dies in the same hook has started too.
    buildStart: hook("pre", (builds, context) =>
      builds.start(context.meta.watchMode, () => trackBuild(options, { name, ...facts(context) })),
    ),
    buildEnd: hook("post", (builds, context, error?: Error) =>
      error === undefined ? builds.built(countModules(context)) : builds.fail(error),
    ),
    renderStart: hook("pre", (builds) => builds.startOutput()),
    renderError: hook("post", (builds, _, error?: Error) => builds.fail(error)),
    generateBundle: hook(
      "post",
      (builds, _, _output: OutputOptions, _bundle: object, isWritten: boolean) => {
        if (!isWritten) builds.endOutput(undefined);
      },
    ),
    writeBundle: hook("post", (builds, _, { dir, file }: OutputOptions, bundle: object) => {
      const folder = dir ?? path.dirname(file ?? "");
      builds.endOutput(sizeOfFiles(folder, Object.keys(bundle)));
    }),
    /** Without a context that says whose it is. */
    onLog(_level: string, log: { code?: string | undefined }): void {
      if (log.code === "UNRESOLVED_IMPORT") for (const builds of all) builds.doubt(log);
    },
    closeBundle: hook("post", (builds, _, error?: Error) => builds.close(error, goesOn())),
    closeWatcher: hook("post", (builds) => builds.stopWatching()),
  };
}

/** Rolldown copies them from its native side, which takes milliseconds for some thousands. */
function countModules(context: Context): number | undefined {
  if (context.meta.rolldownVersion !== undefined) return undefined;
  return [...context.getModuleIds()].length;
}
