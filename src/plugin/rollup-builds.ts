import type { TrackedBuild } from "./build-run.ts";

/**
 * What one plugin builds in one environment of Rollup, Rolldown or Vite: from the hooks that are
 * reached to how the builds end.
 *
 * Which output is the last, nobody says: the build has succeeded, so far, whenever all that was
 * begun is written. And if another plugin throws in `generateBundle` or `writeBundle`, no hook
 * says so: ours for what was begun is not reached, which `closeBundle`, the next build or the end
 * of a watcher, or the process's exit code brings to light. Nor does one where Vite makes an error
 * of a warning once all is closed, or the options of an output are wrong: those the exit code tells
 * alone.
 */
export class RollupBuilds {
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

  /** Where it is stopped while it writes, the build comes to its end, which then counts. */
  stopWatching(): void {
    const error = { hook: "writeBundle" };
    if (this.isRunning && this.isBuilt) this.current?.end(() => ({ success: false, error }), true);
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
