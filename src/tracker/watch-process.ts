import { categorizeError, type ErrorCategory } from "../events/error-type.ts";

/**
 * For framework CLIs: a build that is interrupted (SIGINT, SIGTERM, SIGHUP) or dies of an error
 * that nobody caught is recorded as failed. The process ends exactly as it would have: same signal,
 * same exit code, same output, and every other handler still runs.
 */
export interface WatchedProcess {
  /** True once the build's own event is there: there is nothing to add then. */
  isTold(): boolean;
  /** Records the failure; settled when it returns, for no exit hook is going to run. */
  fail(category: ErrorCategory, isExiting: boolean): void;
}

/** Returns how to stop watching. */
export function watchProcess(watched: WatchedProcess): () => void {
  let fatal: { error: unknown } | undefined;
  // Unlike `uncaughtException`, this one leaves the process to die, or be saved, as it would.
  const onFatal = (error: unknown): void => {
    fatal = { error };
  };
  const onExit = (code: number): void => {
    if (fatal && code !== 0 && !watched.isTold()) watched.fail(categorizeError(fatal.error), true);
  };
  const onSignal = Object.assign(
    (signal: NodeJS.Signals): void => {
      if (!watched.isTold()) watched.fail({ errorPhase: "unknown", errorType: "Aborted" }, false);
      if (hasOtherListeners(signal)) return; // They decide what becomes of the process.
      process.removeListener(signal, onSignal);
      process.kill(process.pid, signal);
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

function hasOtherListeners(signal: NodeJS.Signals): boolean {
  return process.listeners(signal).some((listener) => !(oursKey in listener));
}
