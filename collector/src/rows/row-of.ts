import { type ColumnValue, columns } from "./columns.ts";
import type { EventRow } from "./row.ts";

const groups: Record<"meta" | "build", ReadonlySet<string>> = {
  meta: new Set(namesBetween("platform", "agent")),
  build: new Set(namesBetween("success", "errorType")),
};

/** The way back from `valuesOf`: a row out of its columns' values, by their names. */
export function rowOf(values: Readonly<Record<string, ColumnValue>>): EventRow {
  const own: Record<string, unknown> = {};
  const meta: Record<string, unknown> = {};
  const build: Record<string, unknown> = {};
  for (const { name } of columns) {
    const value = values[name] ?? null;
    if (groups.meta.has(name)) {
      meta[name] = value;
    } else if (groups.build.has(name)) {
      build[name] = value;
    } else if (name !== "fields") {
      own[name] = value;
    }
  }
  const fields = values.fields === null ? {} : JSON.parse(values.fields as string);
  return { ...own, meta, build, fields } as unknown as EventRow;
}

function namesBetween(first: string, last: string): string[] {
  const names = columns.map(({ name }) => name);
  return names.slice(names.indexOf(first), names.indexOf(last) + 1);
}
