/**
 * Ways to deliver. Each says what a build does, and what an attempt that failed leads to; the
 * simulation keeps what waits.
 */
export function createClients({ limits, backoffMs, random }) {
  const { backoffBaseMs, requestsAtOnce, retries, retryAfterMs, spoolMaxBatches } = limits;
  const spooled = { keeps: spoolMaxBatches, atOnce: requestsAtOnce };
  return [
    {
      name: "sendoff",
      words: "sendoff: back-off with full jitter, tried by the next build",
      ...spooled,
      // A sender tries once more after a pause: `attempt.ts`.
      ...{ retries, retryAfterS: retryAfterMs / 1000 },
      pauseS: (failures) => backoffMs(failures, random.share) / 1000,
      isWokenByTimer: false,
    },
    {
      name: "no jitter",
      words: "The same spool; retries on a timer that doubles to an hour, without jitter",
      ...spooled,
      retries: 0,
      pauseS: (failures) => Math.min(3600, (backoffBaseMs / 1000) * 2 ** (failures - 1)),
      isWokenByTimer: true,
    },
    {
      name: "no back-off",
      words: "The same spool; every build tries to send all that waits",
      ...spooled,
      retries: 0,
      pauseS: () => 0,
      isWokenByTimer: false,
    },
    {
      name: "once",
      words: "Sends once as the build ends, keeps nothing",
      ...{ keeps: 0, atOnce: 1, retries: 2, retryAfterS: 1 },
      pauseS: () => 0,
      isWokenByTimer: false,
    },
  ];
}
