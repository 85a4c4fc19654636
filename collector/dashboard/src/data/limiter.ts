/**
 * At most so many at a time, the rest in order; what is aborted while it waits never starts. The
 * collector answers two queries at a time: more would wait there, where they can't be superseded.
 */
export function createLimiter(most: number) {
  const waiting: (() => void)[] = [];
  let running = 0;

  function next(): void {
    while (running < most && waiting.length > 0) {
      running += 1;
      waiting.shift()?.();
    }
  }

  return async function limited<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const start = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(start), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      waiting.push(start);
      next();
    });
    try {
      return await task();
    } finally {
      running -= 1;
      next();
    }
  };
}
