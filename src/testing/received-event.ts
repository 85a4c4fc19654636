import { isRecord } from "../support/files.ts";

/** An event as it was sent, or as it waits in a spool. */
export interface ReceivedEvent {
  id: string;
  eventName: string;
  /** ISO 8601. */
  timestamp: string;
  fields: Record<string, unknown>;
}

/** All events anywhere in a payload or a batch, whatever lies around them. */
export function eventsIn(value: unknown): ReceivedEvent[] {
  if (Array.isArray(value)) return value.flatMap(eventsIn);
  if (!isRecord(value)) return [];
  if (isEvent(value)) return [value];
  return Object.values(value).flatMap(eventsIn);
}

/** Each event once: a repeat carries the same id. */
export function uniqueById(events: readonly ReceivedEvent[]): ReceivedEvent[] {
  const seen = new Set<string>();
  return events.filter(({ id }) => {
    if (id === undefined) return true;
    const isNew = !seen.has(id);
    seen.add(id);
    return isNew;
  });
}

function isEvent(value: Record<string, unknown>): value is ReceivedEvent & typeof value {
  return typeof value.eventName === "string" && isRecord(value.fields);
}
