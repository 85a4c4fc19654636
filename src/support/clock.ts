/**
 * Milliseconds since this process began, by a clock that nobody sets. `performance.now()` is as
 * good, and Node loads ten modules for it: 2 ms of a sender's, which lives for 45.
 */
export function uptimeMs(): number {
  return process.uptime() * 1000;
}

/** Nothing else runs in this process meanwhile. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
