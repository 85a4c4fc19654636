import path from "node:path";
import { type TrackedBuild, trackBuild } from "./build-run.ts";
import type { Bundler } from "./describe.ts";
import { guard, type PluginOptions } from "./options.ts";
import { sizeOfFiles } from "./output-size.ts";

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

/**
 * The hooks that Rollup, Rolldown and Vite have in common.
 *
 * Which output is the last, nobody says: the build has succeeded, so far, whenever all that was
 * begun is written. And if another plugin throws in `generateBundle` or `writeBundle`, no hook
 * says so: ours for what was begun is not reached, which `closeBundle`, a watcher's next build or
 * the process's exit code brings to light. Nor does one where Vite makes an error of a warning once
 * all is closed, or the options of an output are wrong: those the exit code tells alone.
 */
export function rollupHooks<Its extends Context>(
  name: string,
  options: PluginOptions,
  facts: (context: Its) => Omit<Bundler, "name">,
  /** Whether more than the bundler knows of is built after the bundle is closed. */
  goesOn: () => boolean = () => false,
) {
  if (!options.telemetry.isEnabled) return undefined;
  const safely = guard(options.telemetry, name);
  const followed = new WeakMap<object, Builds>();
  const all = new Set<Builds>();
  const buildsOf = ({ environment = options }: Its): Builds => {
    const builds = followed.get(environment) ?? new Builds();
    followed.set(environment, builds);
    all.add(builds);
    return builds;
  };
  /** In turn with other plugins' hooks, where those run side by side. */
  const hook = <Order extends "pre" | "post", Args extends unknown[]>(
    order: Order,
    body: (builds: Builds, context: Its, ...args: Args) => void,
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
  };
}

/** Rolldown copies them from its native side, which takes milliseconds for some thousands. */
function countModules(context: Context): number | undefined {
  if (context.meta.rolldownVersion !== undefined) return undefined;
  return [...context.getModuleIds()].length;
}

/** What one plugin builds, in one environment. */
class Builds {
  private current: TrackedBuild | undefined;
  private readonly unclosed: TrackedBuild[] = [];
  private isRunning = false;
  private isBuilt = false;
  private hasFailed = false;
  private isInDoubt = false;
  /** Outputs that are begun. */
  private writing = 0;
  private hasWritten = false;
  private outputSize: number | undefined;
  private modulesCount: number | undefined;

  start(watchMode: boolean, track: () => TrackedBuild | undefined): void {
    if (watchMode) this.failUnfinished();
    // Rolldown builds anew for each output, and several at once.
    if (!this.isRunning) {
      this.hasFailed = false;
      this.isInDoubt = false;
      this.writing = 0;
      this.hasWritten = false;
      this.outputSize = 0;
      this.modulesCount = 0;
      if (!watchMode || this.current === undefined) this.current = track();
      if (this.current !== undefined) this.unclosed.push(this.current);
    }
    this.isRunning = true;
    this.isBuilt = false;
    this.current?.start(watchMode);
  }

  built(modulesCount: number | undefined): void {
    this.isBuilt = true;
    this.modulesCount = sum(this.modulesCount, modulesCount);
  }

  startOutput(): void {
    this.writing += 1;
    this.isRunning = true;
  }

  endOutput(size: number | undefined): void {
    this.writing -= 1;
    this.hasWritten = true;
    this.outputSize = sum(this.outputSize, size);
    if (this.writing === 0) this.succeed();
  }

  fail(error: unknown): void {
    this.isRunning = false;
    this.hasFailed = true;
    this.current?.end(() => ({ success: false, error }), true);
  }

  close(error: unknown, goesOn: boolean): void {
    if (error === undefined && this.failUnfinished()) return;
    if (this.isRunning && error !== undefined) this.fail(error);
    const closed = this.unclosed.splice(0);
    if (goesOn || this.isInDoubt || !this.hasWritten) return;
    for (const build of closed) build.close();
  }

  doubt(error: unknown): void {
    if (!this.isRunning && this.unclosed.length === 0) return;
    this.isInDoubt = true;
    this.current?.doubt(error);
  }

  /** Without what was thrown, which if it ends the process says more: so it stays unclosed. */
  private failUnfinished(): boolean {
    if (!this.isRunning) return false;
    if (this.isBuilt && this.writing === 0) this.succeed();
    else this.fail({ hook: this.isBuilt ? "writeBundle" : "buildEnd" });
    return this.hasFailed;
  }

  private succeed(): void {
    this.isRunning = false;
    if (this.hasFailed) return;
    const { outputSize, modulesCount } = this;
    this.current?.end(() => ({ success: true, outputSize, modulesCount }), true);
  }
}

function sum(total: number | undefined, more: number | undefined): number | undefined {
  return total === undefined || more === undefined ? undefined : total + more;
}
