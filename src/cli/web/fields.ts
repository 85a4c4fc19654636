import { type DescribedField, describeFields } from "../../events/described.ts";
import { describePayload } from "../../metadata/describe-payload.ts";
import { isRecord, parseRecord } from "../../support/files.ts";
import type { ResolvedOptions } from "../../tracker/options.ts";

/** A payload taken apart: every value with what is known of its field. */
export interface Part {
  title: string;
  rows: Row[];
}

export interface Row {
  name: string;
  /** As it stands in the JSON. */
  value: string;
  description: string;
}

/** By name alone nothing is known of a product's fields. */
export function partsOf(body: string, options: ResolvedOptions | undefined): Part[] {
  const payload = parseRecord<Record<string, unknown>>(body);
  if (!payload) return [];
  const known = options && describePayload(options);
  const { events, context, meta, ...envelope } = payload;
  const parts = Array.isArray(events) ? events.filter(isRecord) : [];
  return [
    ...parts.map((event) => {
      const { eventName, fields, ...common } = event;
      const definition = options?.definitions.events[String(eventName)];
      const described = definition ? describeFields(definition) : [];
      return {
        title: String(eventName),
        rows: [...rowsOf(fields, described), ...rowsOf(common, known?.event)],
      };
    }),
    { title: "Who, without saying who", rows: rowsOf(context, known?.context) },
    { title: "Where the build ran", rows: rowsOf(meta, known?.meta) },
    { title: "The request", rows: rowsOf(envelope, known?.envelope) },
  ].filter(({ rows }) => rows.length > 0);
}

function rowsOf(values: unknown, described: readonly DescribedField[] = []): Row[] {
  if (!isRecord(values)) return [];
  return Object.entries(values).map(([name, value]) => {
    const field = described.find((candidate) => candidate.name === name);
    const unit = field && units.has(field.type) ? ` ${field.type}` : "";
    return {
      name,
      value: `${JSON.stringify(value)}${unit}`,
      description: field?.description ?? "",
    };
  });
}

const units = new Set(["milliseconds", "bytes"]);
