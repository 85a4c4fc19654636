/**
 * The hour a timestamp lies in: `2026-03-01T10:59:59.123Z` is `2026-03-01T10:00:00.000Z`. Throws a
 * RangeError for what is no timestamp.
 */
export function hourOf(isoTimestamp: string): string {
  const hour = 60 * 60 * 1000;
  return new Date(Math.floor(Date.parse(isoTimestamp) / hour) * hour).toISOString();
}
