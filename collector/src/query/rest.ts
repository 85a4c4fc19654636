import type { ReadRow } from "../store/store.ts";
import type { Measure } from "./api.ts";
import { nameOf } from "./fold.ts";
import type { Question } from "./question.ts";
import type { Selection } from "./sql.ts";

/** What some groups have together, out of each one's numbers: no engine has to look for it again. */

const sums: readonly Measure[] = ["events", "builds", "failures", "successRate"];

/** Whether all measures are sums, or come of sums. */
export function addsUp({ measures }: Question): boolean {
  return measures.every((measure) => sums.includes(measure));
}

/**
 * @param rows all groups', as `measuresSql` has them.
 * @param by how many of the question's dimensions the rest is grouped by.
 */
export function restOf(
  rows: readonly ReadRow[],
  question: Question,
  { values, lines }: Selection,
  by: number,
): ReadRow[] {
  const left = new Set(values.map(nameOf));
  const rest = new Map<string, ReadRow>();
  for (const row of rows) {
    const its = valuesIn(row, question);
    if (left.has(nameOf(its)) || lines?.includes(its[0] as string) === false) continue;
    const group = its.slice(0, by);
    const name = nameOf(group);
    const before = rest.get(name);
    const sum = (column: string) => Number(before?.[column] ?? 0) + Number(row[column] ?? 0);
    rest.set(name, {
      ...Object.fromEntries(group.map((value, index) => [`g${index}`, value])),
      rate: Math.min(Number(before?.rate ?? 1), Number(row.rate ?? 1)),
      ...{ n: sum("n"), events: sum("events") },
      ...{ completed: sum("completed"), failures: sum("failures") },
    });
  }
  return [...rest.values()];
}

/** A row's groups, as text. */
export function valuesIn(row: ReadRow, { by }: Question): string[] {
  return by.map((_, index) => String(row[`g${index}`]));
}
