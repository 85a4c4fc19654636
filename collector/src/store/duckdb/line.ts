import type { EventRow, IdHash, MetaColumns } from "../../rows/row.ts";
import type { FieldColumns } from "../field-columns.ts";
import { jsonOf } from "./fields.ts";

/** The rows of a request share theirs. */
let last: { meta: MetaColumns | undefined; text: string } = { meta: undefined, text: "" };

/**
 * A row as a line of the journal: what `JSON.stringify` writes, but for fields, which have the names of
 * their columns; a tenth faster, and a third for rows that share their meta. Columns of digits and
 * letters alone need no look for quotes.
 */
export function lineOf(row: EventRow, columns: FieldColumns): string {
  if (row.meta !== last.meta) last = { meta: row.meta, text: JSON.stringify(row.meta) };
  const line =
    `{"id":"${row.id}","timestamp":${row.timestamp},"day":"${row.day}",` +
    `"receivedAt":${row.receivedAt},"product":${JSON.stringify(row.product)},` +
    `"definitions":${JSON.stringify(row.definitions)},"eventName":${JSON.stringify(row.eventName)},` +
    `"place":"${row.place}","anonymousId":${hash(row.anonymousId)},` +
    `"projectHash":${hash(row.projectHash)},"sessionId":${hash(row.sessionId)},` +
    `"sampleRate":${row.sampleRate},"firstOfDay":${row.firstOfDay},` +
    `"firstOfWeek":${row.firstOfWeek},"firstOfMonth":${row.firstOfMonth},"meta":${last.text},` +
    `"build":${JSON.stringify(row.build)},"fields":${jsonOf(row.fields, columns)}}\n`;
  // The engine's reader takes no half of a surrogate pair, which JavaScript's writer passes on.
  return line.includes("\\ud") ? line.replace(ESCAPED, whole) : line;
}

function hash(value: IdHash | null): string {
  return value === null ? "null" : `"${value}"`;
}

/** A half alone, or another escape, which must not be taken for one: `\\ud83d` is text. */
const ESCAPED = /\\(?:ud[\da-f]{3}|.)/g;

function whole(escaped: string): string {
  return escaped.startsWith("\\ud") ? "\ufffd" : escaped;
}
