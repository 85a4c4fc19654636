import type { ProductSummary } from "../../../src/query/api.ts";
import { daysBetween } from "./days.ts";
import type { Period } from "./view.ts";

/**
 * What an answer is about. Days at the ends of a period that too few installations stand behind are
 * left out, of a filtered question sooner than of all; and before its first day a product has none.
 */

/** At which ends days are left out. */
export function leftOut(answer: Period, asked: Period): ("before" | "after")[] {
  return [
    ...(answer.from > asked.from ? (["before"] as const) : []),
    ...(answer.to < asked.to ? (["after"] as const) : []),
  ];
}

/** Null where it is about none. */
export function daysIn(answer: Period | undefined, { firstDay }: ProductSummary): number | null {
  if (answer === undefined) return null;
  const from = firstDay !== null && firstDay > answer.from ? firstDay : answer.from;
  return from > answer.to ? null : daysBetween(from, answer.to);
}

/** What adds up over days, so that periods of other lengths can be compared. */
export function perDay(
  count: number | null,
  answer: Period | undefined,
  product: ProductSummary,
): number | null {
  const days = daysIn(answer, product);
  return count === null || days === null ? null : count / days;
}
