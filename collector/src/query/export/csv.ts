import type { QueryAnswer } from "../api.ts";

/** A table as RFC 4180 has it, a line at a time; numbers as JSON writes them. */
export function* csvLines({ columns, rows }: QueryAnswer): Generator<string> {
  yield line(columns.map(({ name }) => name));
  for (const row of rows) {
    yield line(row);
  }
}

function line(values: readonly (string | number | boolean | null)[]): string {
  return `${values.map(cell).join(",")}\r\n`;
}

function cell(value: string | number | boolean | null): string {
  if (value === null) {
    return "";
  }
  if (typeof value !== "string") {
    return String(value);
  }
  // Spreadsheets run what begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
