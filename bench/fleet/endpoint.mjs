/** The receiving end: down for a while, and never able to answer more than so many a second. */
export function createEndpoint({ seconds, capacity, outage }) {
  /** Requests that came, by second. */
  const load = new Uint32Array(seconds);
  return {
    load,
    /** @returns whether it was taken. */
    request(second) {
      load[second] += 1;
      const isDown = outage !== undefined && second >= outage.from && second < outage.to;
      return !isDown && load[second] <= capacity;
    },
  };
}
