const AGAIN_AFTER_MS = 60_000;
/** Some that name an event or a file differ each time. */
const MOST_KNOWN = 100;

/**
 * Tells an error that comes again a minute later at the earliest: on a full disk every request fails by the
 * same one, and the log would fill what is left.
 * @param now milliseconds, rising.
 */
export function onceAMinute(
  tell: (error: Error) => void,
  now = () => performance.now(),
): (error: Error) => void {
  const toldAt = new Map<string, number>();
  return (error) => {
    const at = now();
    const before = toldAt.get(error.message);
    if (before !== undefined && at - before < AGAIN_AFTER_MS) return;
    if (toldAt.size >= MOST_KNOWN) toldAt.clear();
    toldAt.set(error.message, at);
    tell(error);
  };
}
