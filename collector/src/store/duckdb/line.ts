import type { EventRow, IdHash, MetaColumns } from "../../rows/row.ts";

/** The rows of a request share theirs. */
let last: { meta: MetaColumns | undefined; text: string } = { meta: undefined, text: "" };

/**
 * A row as a line of the journal: what `JSON.stringify` writes, a tenth faster, and a third for rows
 * that share their meta. Columns of digits and letters alone need no look for quotes.
 */
export function lineOf(row: EventRow): string {
  if (row.meta !== last.meta) last = { meta: row.meta, text: JSON.stringify(row.meta) };
  const line =
    `{"id":"${row.id}","timestamp":${row.timestamp},"day":"${row.day}",` +
    `"receivedAt":${row.receivedAt},"product":${JSON.stringify(row.product)},` +
    `"definitions":${JSON.stringify(row.definitions)},"eventName":${JSON.stringify(row.eventName)},` +
    `"place":"${row.place}","anonymousId":${hash(row.anonymousId)},` +
    `"projectHash":${hash(row.projectHash)},"sessionId":${hash(row.sessionId)},` +
    `"sampleRate":${row.sampleRate},"firstOfDay":${row.firstOfDay},` +
    `"firstOfWeek":${row.firstOfWeek},"firstOfMonth":${row.firstOfMonth},"meta":${last.text},` +
    `"build":${JSON.stringify(row.build)},"fields":${JSON.stringify(row.fields)}}\n`;
  // The engine's reader takes no half of a surrogate pair, which JavaScript's writer passes on.
  return line.includes("\\ud") ? `${JSON.stringify(row, whole)}\n` : line;
}

function hash(value: IdHash | null): string {
  return value === null ? "null" : `"${value}"`;
}

function whole(_: string, value: unknown): unknown {
  return typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value;
}
