import { plainFields } from "../events/plain-fields.ts";
import { watchSettlesAfterMs } from "../support/limits.ts";
import {
  type BuildOutcome,
  type Bundler,
  describeBuilds,
  type EndedBuild,
  endedBuild,
} from "./describe.ts";
import { guard, type PluginEvent, type PluginOptions, type PluginTelemetry } from "./options.ts";
import { whenProcessEnds } from "./process-end.ts";

/**
 * What all bundler plugins share: how the compilers of a process become one event.
 *
 * A plugin follows each compiler it is put into: `start`, `end`, and `close` where the bundler has
 * such a thing. All that report to the same telemetry, from however many plugin instances, make
 * one run:
 *
 * - The event is recorded when every compiler that has started has ended, and is on disk before
 *   the bundler goes on.
 * - A compiler that starts later, such as a dependent one or a second output format, holds the
 *   batch open; when it has ended, an event that describes it too takes the first one's place.
 * - A compiler's second build, and whatever starts when the batch is settled, is only counted, as
 *   `rebuild`. With `each`, what starts while nothing is running begins an event of its own.
 * - A process that goes on watching settles its batch a moment after its first builds.
 * - A compiler that hasn't ended when the process fails has failed with it.
 *
 * Nothing in here throws into the bundler.
 */
export interface TrackedBuild {
  /** `watch` is left out where the bundler doesn't tell; what follows then shows it. */
  start(watch?: boolean): void;
  /**
   * A second end of the same build takes the place of the first: a later plugin failed it, or there
   * was more to write. With `mayGoOn` it also fails with the process, until it is closed.
   */
  end(outcome: () => BuildOutcome, mayGoOn?: boolean): void;
  /** What it has failed with, if it fails with the process and nothing else says why. */
  doubt(error: unknown): void;
  /** This compiler will build no more. */
  close(): void;
}

/** Undefined when telemetry is off: there is nothing to follow. */
export function trackBuild(options: PluginOptions, bundler: Bundler): TrackedBuild | undefined {
  if (!options.telemetry.isEnabled) return undefined;
  const run = runOf(options.telemetry);
  const compiler: Compiler = { bundler, options, starts: 0, startTime: Date.now() };
  const safely = guard(options.telemetry, bundler.name);
  return {
    start: safely((watch) => run.start(compiler, watch)),
    end: safely((outcome, mayGoOn) => run.end(compiler, outcome(), mayGoOn)),
    doubt(error) {
      compiler.doubt = error;
    },
    close: safely(() => run.close(compiler)),
  };
}

/** On `globalThis`, because several copies of a plugin share the tracker too. */
const runsKey = Symbol.for("sendoff.runs@1");

function runOf(telemetry: PluginTelemetry): BuildRun {
  const shared = globalThis as { [runsKey]?: WeakMap<PluginTelemetry, BuildRun> };
  shared[runsKey] ??= new WeakMap();
  const run = shared[runsKey].get(telemetry) ?? new BuildRun(telemetry);
  shared[runsKey].set(telemetry, run);
  return run;
}

interface Compiler {
  readonly bundler: Bundler;
  readonly options: PluginOptions;
  /** Undefined: not known yet. */
  watch?: boolean;
  starts: number;
  startTime: number;
  isRebuilding?: boolean;
  doubt?: unknown;
}

class BuildRun {
  private readonly telemetry: PluginTelemetry;
  private readonly safely: ReturnType<typeof guard>;
  private readonly running = new Set<Compiler>();
  private readonly ended = new Map<Compiler, EndedBuild>();
  /** Ended, but for what may be yet to come. */
  private readonly goingOn = new Set<Compiler>();
  /** As it was last recorded. */
  private event: PluginEvent | undefined;
  private settling: NodeJS.Timeout | undefined;
  private stopListening: () => void = () => {};

  constructor(telemetry: PluginTelemetry) {
    this.telemetry = telemetry;
    this.safely = guard(telemetry, "build run");
  }

  start(compiler: Compiler, watch: boolean | undefined): void {
    // webpack starts anew, without an end, when a file changes during a build.
    if (this.running.has(compiler)) return;
    compiler.starts += 1;
    compiler.startTime = Date.now();
    if (watch !== undefined) compiler.watch = watch;
    else if (compiler.starts > 1) compiler.watch = true;
    compiler.isRebuilding = isRebuild(compiler);
    if (compiler.isRebuilding) return;
    if (this.running.size === 0) {
      if (compiler.options.each) this.beginAnew();
      this.stopListening();
      this.stopListening = whenProcessEnds(
        this.safely((code, fatal) => this.endWithProcess(code, fatal)),
      );
    }
    if (this.event !== undefined) this.telemetry.hold();
    this.running.add(compiler);
  }

  end(compiler: Compiler, outcome: BuildOutcome, mayGoOn = false): void {
    if (isRebuild(compiler)) {
      if (compiler.isRebuilding) this.telemetry.count("rebuild", { error: !outcome.success });
      compiler.isRebuilding = false;
      return;
    }
    this.ended.set(compiler, endedBuild(outcome, compiler.startTime, Date.now()));
    this.running.delete(compiler);
    if (mayGoOn) this.goingOn.add(compiler);
    if (this.running.size > 0) return;
    this.listenNoMore();
    this.write(!outcome.success);
    this.telemetry.flushDetached("build");
    this.settleLater();
  }

  close(compiler: Compiler): void {
    compiler.watch ??= false;
    this.goingOn.delete(compiler);
    this.listenNoMore();
    if (!this.mayWatch()) clearTimeout(this.settling);
  }

  private listenNoMore(): void {
    if (this.running.size + this.goingOn.size === 0) this.stopListening();
  }

  private beginAnew(): void {
    clearTimeout(this.settling);
    this.ended.clear();
    this.goingOn.clear();
    this.event = undefined;
  }

  private write(isError: boolean): void {
    const compilers = [...this.ended.keys()];
    const watch = compilers.some((compiler) => compiler.watch === true);
    const [first] = compilers;
    if (first === undefined) return;
    const event = describeBuilds(first.bundler, watch, [...this.ended.values()]);
    event.fields = { ...this.productFields(compilers), ...event.fields };
    if (this.event === undefined) this.telemetry.record(event, true);
    else if (!this.telemetry.amend(this.event, event)) {
      this.telemetry.count("rebuild", { error: isError });
      return;
    }
    this.event = event;
  }

  /** Of each plugin instance once, however many compilers it is in. */
  private productFields(compilers: readonly Compiler[]): Record<string, unknown> {
    let merged: Record<string, unknown> = {};
    const merge = guard(
      this.telemetry,
      "fields",
    )((fields: PluginOptions["fields"]) => {
      if (fields !== undefined) merged = { ...merged, ...plainFields(fields()) };
    });
    for (const fields of new Set(compilers.map(({ options }) => options.fields))) merge(fields);
    return merged;
  }

  /** A one-off build is settled by the exit hook; a watching one may not exit for days. */
  private settleLater(): void {
    clearTimeout(this.settling);
    if (!this.mayWatch()) return;
    const settle = this.safely(() => this.settle());
    this.settling = setTimeout(settle, watchSettlesAfterMs);
    this.settling.unref();
  }

  private settle(): void {
    if (this.running.size > 0) return;
    this.goingOn.clear();
    this.listenNoMore();
    for (const compiler of this.ended.keys()) compiler.watch ??= true;
    if (this.event !== undefined && this.event.fields.watch !== true) {
      const event = { ...this.event, fields: { ...this.event.fields, watch: true } };
      if (this.telemetry.amend(this.event, event)) this.event = event;
    }
    this.telemetry.flushDetached("dev");
  }

  private mayWatch(): boolean {
    return [...this.ended.keys()].some((compiler) => compiler.watch !== false);
  }

  private endWithProcess(code: number, fatal: unknown): void {
    // Above 128 somebody stopped the build by a signal: it neither succeeded nor failed.
    if (code > 128 || (code === 0 && this.running.size === 0)) return;
    if (code !== 0) {
      for (const compiler of [...this.running, ...this.goingOn]) {
        const before = this.ended.get(compiler);
        // What failed before says more than an exit code.
        if (before?.failure !== undefined && fatal === undefined) continue;
        const error = fatal ?? compiler.doubt;
        const failed = { success: false, error, endTime: before?.endTime } as const;
        this.ended.set(compiler, endedBuild(failed, compiler.startTime, Date.now()));
      }
    }
    if (this.ended.size === 0) return;
    this.write(code !== 0);
    this.telemetry.flushDetached("exit");
  }
}

function isRebuild(compiler: Compiler): boolean {
  return compiler.starts > 1 && compiler.options.each !== true;
}
