import type { Column, QueryAnswer } from "../../../src/query/api.ts";

/** A query's answer, read by names. */
export type Cell = string | number | boolean | null;
export type Row = Record<string, Cell>;

export function rowsOf(answer: QueryAnswer | undefined): Row[] {
  return (answer?.rows ?? []).map((row) =>
    Object.fromEntries(
      (answer as QueryAnswer).columns.map(({ name }, i) => [name, row[i] ?? null]),
    ),
  );
}

export function numberIn(row: Row | undefined, name: string): number | null {
  const value = row?.[name];
  return typeof value === "number" ? value : null;
}

export function columnOf(answer: QueryAnswer | undefined, name: string): Column | undefined {
  return answer?.columns.find((column) => column.name === name);
}

/** `1.10.0` after `1.9.0`, and a release after its release candidates. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.replace(/^v/, "").split("-", 2));
  const byNumber = collator.compare(left?.[0] ?? "", right?.[0] ?? "");
  if (byNumber !== 0) return byNumber;
  if (left?.[1] === undefined || right?.[1] === undefined) {
    return Number(left?.[1] === undefined) - Number(right?.[1] === undefined);
  }
  return collator.compare(left[1], right[1]);
}

const collator = new Intl.Collator("en", { numeric: true });
