/** Days, UTC, as `2026-11-25`. */

const DAY_MS = 86_400_000;

export function dayOf(moment: Date | number): string {
  return new Date(moment).toISOString().slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return dayOf(Date.parse(day) + days * DAY_MS);
}

/** Both included. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
}

/** The first day of which no raw event has been deleted. */
export function firstKept(now: Date | number, retentionDays: number): string {
  return addDays(dayOf(now), 1 - retentionDays);
}

export function isDay(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) &&
    !Number.isNaN(Date.parse(text)) &&
    dayOf(Date.parse(text)) === text
  );
}

/** The Monday of its week, or the first of its month. */
export function startOf(step: "week" | "month", day: string): string {
  if (step === "month") {
    return `${day.slice(0, 8)}01`;
  }
  const weekday = (new Date(day).getUTCDay() + 6) % 7;
  return addDays(day, -weekday);
}

/** The last day of its week or month. */
export function endOf(step: "week" | "month", day: string): string {
  const start = startOf(step, day);
  return addDays(step === "week" ? addDays(start, 7) : startOf("month", addDays(start, 31)), -1);
}

/** The weeks or months that a period touches, each cut to it. */
export function partsOf(step: "week" | "month", from: string, to: string) {
  const parts: { from: string; to: string }[] = [];
  for (let day = from; day <= to; ) {
    const end = endOf(step, day);
    parts.push({ from: day, to: end < to ? end : to });
    day = addDays(end, 1);
  }
  return parts;
}
