import { AssertionError } from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";
import { eventsIn, type ReceivedEvent, uniqueById } from "./received-event.ts";
import type { Receiver } from "./receiver.ts";
import type { SpooledFile } from "./spooled.ts";

/** A receiver, a spool (`home.spool("acme")`), or events from anywhere else. */
export type EventSource =
  | Pick<Receiver, "events">
  | readonly SpooledFile[]
  | readonly ReceivedEvent[];

export interface ExpectedEvent {
  eventName: string;
  /** These have to be there and equal; the event may have more. */
  fields?: Record<string, unknown>;
}

/** Returns the first such event, or throws an error that lists what was there instead. */
export function expectEvent(source: EventSource, expected: ExpectedEvent): ReceivedEvent {
  const events = uniqueById(eventsIn("events" in source ? source.events : source));
  const namesakes = events.filter(({ eventName }) => eventName === expected.eventName);
  const found = namesakes.find(({ fields }) => differences(fields, expected).length === 0);
  if (found) return found;
  throw new AssertionError({
    message: [
      `no event ${described(expected.eventName, expected.fields ?? {})}`,
      ...(events.length === 0 ? ["there was no event at all"] : ["what was there:"]),
      ...events.map((event) => `  ${lineFor(event, expected)}`),
    ].join("\n"),
    actual: namesakes.length === 1 ? picked(namesakes[0]?.fields, expected) : events,
    expected: namesakes.length === 1 ? expected.fields : expected,
    operator: "expectEvent",
    stackStartFn: expectEvent,
  });
}

/** A namesake is shown by what differs, any other event as it is. */
function lineFor({ eventName, fields }: ReceivedEvent, expected: ExpectedEvent): string {
  if (eventName !== expected.eventName) return described(eventName, fields);
  return `${eventName} with ${differences(fields, expected).join(", ")}`;
}

function differences(fields: ReceivedEvent["fields"], expected: ExpectedEvent): string[] {
  return Object.entries(expected.fields ?? {})
    .filter(([name, value]) => !isDeepStrictEqual(fields[name], value))
    .map(([name, value]) =>
      Object.hasOwn(fields, name)
        ? `${name}: ${inline(fields[name])} instead of ${inline(value)}`
        : `no ${name}`,
    );
}

function picked(fields: ReceivedEvent["fields"] = {}, expected: ExpectedEvent) {
  return Object.fromEntries(Object.keys(expected.fields ?? {}).map((name) => [name, fields[name]]));
}

function described(eventName: string, fields: Record<string, unknown>): string {
  return Object.keys(fields).length === 0 ? eventName : `${eventName} ${inline(fields)}`;
}

function inline(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
}
