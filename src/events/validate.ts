import { isRecord } from "../support/files.ts";
import { type Accepted, accept, type FieldValue } from "./accept.ts";
import type { Definitions } from "./define.ts";
import type { Field } from "./fields.ts";

/** What may leave of one event. */
export interface ValidEvent extends ListedEvent {
  /** ISO 8601. */
  timestamp: string;
}

/** The same without its moment. */
export interface ListedEvent {
  eventName: string;
  /** Where not every run records it: the share that does. */
  sampleRate?: number;
  fields: Record<string, FieldValue>;
}

export interface Validated<Event = ValidEvent> {
  /** Undefined if the event as a whole can't be taken. */
  event: Event | undefined;
  /** What was left out and why, for debug; never a value. */
  dropped: { path: string; problem: string }[];
}

/** Reads only what is listed, so that circular, huge or throwing objects do no harm. */
export function validateEvent(definitions: Definitions, input: unknown, now: Date): Validated {
  try {
    const { event, dropped } = listedIn(definitions, input);
    if (!event) return { event, dropped };
    const timestamp = momentOf((input as Record<string, unknown>).timestamp, now);
    const { eventName, ...others } = event;
    return { event: { eventName, timestamp, ...others }, dropped };
  } catch {
    return refused("event", "could not be read");
  }
}

/** For a collector, which knows an event's moment already. */
export function listedIn(definitions: Definitions, input: unknown): Validated<ListedEvent> {
  if (!isRecord(input)) return refused("event", "should be an object { eventName, fields }");
  const { eventName, fields } = input;
  const definition =
    typeof eventName === "string" && Object.hasOwn(definitions.events, eventName)
      ? definitions.events[eventName]
      : undefined;
  if (typeof eventName !== "string" || !definition) {
    const known = Object.keys(definitions.events).join(", ");
    return refused("eventName", `is not defined; defined are ${known}`);
  }
  if (!isRecord(fields)) return refused(`${eventName}.fields`, "should be an object");

  const taken: ListedEvent["fields"] = {};
  const dropped: Validated["dropped"] = [];
  for (const name of Object.keys(fields)) {
    const listed = Object.hasOwn(definition.fields, name) ? definition.fields[name] : undefined;
    const accepted = acceptProperty(listed, fields, name);
    if (accepted === undefined) continue;
    if ("value" in accepted) taken[name] = accepted.value;
    else dropped.push({ path: `${eventName}.${name}`, problem: accepted.problem });
  }
  const { sample } = definition;
  const event = {
    eventName,
    ...(sample !== undefined && { sampleRate: sample }),
    fields: taken,
  };
  return { event, dropped };
}

/** Undefined for a property that was left undefined: nobody meant to send it. */
function acceptProperty(
  field: Field | undefined,
  fields: Record<string, unknown>,
  name: string,
): Accepted | undefined {
  if (!field) return { problem: "is not defined" };
  try {
    const value = fields[name];
    return value === undefined ? undefined : accept(field, value);
  } catch {
    return { problem: "could not be read" };
  }
}

function momentOf(timestamp: unknown, now: Date): string {
  const given = typeof timestamp === "string" ? new Date(timestamp) : now;
  return (Number.isNaN(given.getTime()) ? now : given).toISOString();
}

function refused(path: string, problem: string): Validated<never> {
  return { event: undefined, dropped: [{ path, problem }] };
}
