import type { TrackedBuild } from "./build-run.ts";
import type { BuildOutcome } from "./describe.ts";

/** The hooks of a compiler of webpack or of Rspack, as far as a build is followed by them. */
interface CompilerHooks<Stats> {
  run: Hook<[]>;
  watchRun: Hook<[]>;
  done: Hook<[stats: Stats]>;
  failed: Hook<[error: Error]>;
}
interface Hook<Args extends unknown[]> {
  tap(options: { name: string; stage: number }, handler: (...args: Args) => void): void;
}

export function followCompiler<Stats>(
  hooks: CompilerHooks<Stats>,
  build: TrackedBuild,
  outcomeOf: (stats: Stats) => BuildOutcome,
): void {
  hooks.run.tap(first, () => build.start(false));
  hooks.watchRun.tap(first, () => build.start(true));
  hooks.done.tap(last, (stats) => build.end(() => outcomeOf(stats)));
  // A plugin threw, or the output can't be written; after `done`, if a plugin threw in that.
  hooks.failed.tap(last, (error) => build.end(() => ({ success: false, error })));
}

/** A plugin that dies in the same hook has started too. */
const first = { name: "sendoff", stage: Number.NEGATIVE_INFINITY };
/** What other plugins do in the same hook belongs to the build. */
const last = { name: "sendoff", stage: Number.POSITIVE_INFINITY };
