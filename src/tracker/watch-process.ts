import { aborted, type ErrorCategory } from "../events/error-list.ts";
import { later } from "./later.ts";

/**
 * For framework CLIs: a build that is interrupted (SIGINT, SIGTERM, SIGHUP) or whose process fails
 * is recorded as failed. The process ends exactly as it would have: same signal, same exit code,
 * same output, and every other handler still runs.
 */
export interface WatchedProcess {
  /** Records the failure if the build's own event isn't there. True if it did. */
  fail(category: ErrorCategory): boolean;
  /** Has all that is recorded sent: there is no exit hook to come, or this is the last. */
  handOver(isExiting: boolean): void;
}

/** Returns how to stop watching. */
export function watchProcess({ fail, handOver }: WatchedProcess): () => void {
  let fatal: { error: unknown } | undefined;
  // Unlike `uncaughtException`, this one leaves the process to die, or be saved, as it would.
  const onFatal = (error: unknown): void => {
    fatal = { error };
  };
  const onExit = (exitCode: number | string): void => {
    const code = Number(exitCode);
    if (code !== 0 && fail(categoryOf(code, fatal))) handOver(true);
  };
  const onSignal = Object.assign(
    (signal: NodeJS.Signals): void => {
      fail(aborted);
      const others = process.listeners(signal).filter((listener) => !(oursKey in listener));
      const isDying = others.length === signalExitListeners();
      // Otherwise they decide what becomes of the process, and its exit hook hands over.
      if (!isDying) return;
      handOver(false);
      process.removeListener(signal, onSignal);
      if (others.length === 0) dieOf(signal);
    },
    { [oursKey]: true },
  );

  process.on("uncaughtExceptionMonitor", onFatal);
  // First: the tracker's exit hook would settle and hand over a batch without it.
  process.prependListener("exit", onExit);
  // First, so that a listener that runs once, or ends the process, does not come before.
  for (const signal of signals) process.prependListener(signal, onSignal);
  return () => {
    process.removeListener("uncaughtExceptionMonitor", onFatal);
    process.removeListener("exit", onExit);
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
}

const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Marks listeners of this kind, also those of another copy of this module, for another product. */
const oursKey = Symbol.for("sendoff.signal@1");

/** Above 128 somebody stopped the build by a signal, such as its parent or a child. */
function categoryOf(code: number, fatal: { error: unknown } | undefined): ErrorCategory {
  return !fatal && code > 128 ? aborted : later().categorizeError(fatal?.error);
}

/**
 * The signal-exit package is in most CLIs, by way of spinners and the like. Its listener raises the
 * signal again if it finds no listener but its own; for two who each wait for the other to do so,
 * the process would live on.
 */
function signalExitListeners(): number {
  const version3 = (process as { __signal_exit_emitter__?: Emitter }).__signal_exit_emitter__;
  const version4 = (globalThis as { [signalExitKey]?: Emitter })[signalExitKey];
  return (version3?.count ?? 0) + (version4?.count ?? 0);
}

interface Emitter {
  /** How many listeners it has on each signal. */
  count?: number;
}
const signalExitKey = Symbol.for("signal-exit emitter");

function dieOf(signal: NodeJS.Signals): void {
  // As Node's own handler does, which a listener displaces for good.
  const { isatty } = process.getBuiltinModule("node:tty");
  if (isatty(0) && process.stdin.isRaw) process.stdin.setRawMode(false);
  process.kill(process.pid, signal);
}
