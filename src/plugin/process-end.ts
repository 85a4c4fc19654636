/**
 * Calls back when this process exits, with its exit code and what was thrown and not caught, if
 * that is why. Returns how to stop listening; what runs is not kept alive by it.
 */
export function whenProcessEnds(callback: (code: number, fatal: unknown) => void): () => void {
  let fatal: unknown;
  let isListening = true;
  const onFatal = (error: unknown): void => {
    fatal = error;
  };
  const onExit = (code: number): void => {
    // While an event is told, those who have stopped listening are told too.
    if (isListening) callback(code, fatal);
  };
  // First, so that the tracker's exit hook finds what is recorded here.
  process.prependListener("exit", onExit);
  // This one watches, and unlike `uncaughtException` leaves the process to die as it would have.
  process.on("uncaughtExceptionMonitor", onFatal);
  return () => {
    isListening = false;
    process.removeListener("exit", onExit);
    process.removeListener("uncaughtExceptionMonitor", onFatal);
  };
}
