/** Days as `2026-11-25`, UTC, as the API has them. */

export type Step = "day" | "week" | "month";

const dayMs = 24 * 60 * 60 * 1000;

export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

/** Both included. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / dayMs) + 1;
}

/** Every day, week's Monday or month's first from one day to another. */
export function steps(from: string, to: string, step: Step): string[] {
  const found: string[] = [];
  for (let day = startOf(step, from); day <= to; day = next(day, step)) found.push(day);
  return found;
}

function startOf(step: Step, day: string): string {
  if (step === "month") return `${day.slice(0, 7)}-01`;
  if (step === "day") return day;
  return addDays(day, -((new Date(day).getUTCDay() + 6) % 7));
}

function next(day: string, step: Step): string {
  if (step === "month") return startOf("month", addDays(day, 31));
  return addDays(day, step === "week" ? 7 : 1);
}

/** Whether one of the step's days lies between two, both included. */
export function reaches(
  place: string,
  step: Step,
  { from, to }: { from: string; to: string },
): boolean {
  return place <= to && next(place, step) > from;
}

export function isDay(text: string | null): text is string {
  if (text === null || !/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(Date.parse(text)))
    return false;
  // 30 February is read as a day of March.
  return addDays(text, 0) === text;
}
