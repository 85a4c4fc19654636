import { release } from "node:os";
import { readAllPreferences } from "../consent/look.ts";
import { carriedOver } from "../consent/make-preferences.ts";
import type { EventDefinition } from "../events/define.ts";
import { describeFields } from "../events/described.ts";
import { isContainer } from "../metadata/container.ts";
import { describeMachine } from "../metadata/machine.ts";
import { type Payload, payloadOf } from "../spool/payload.ts";
import { newUuid } from "../support/ids.ts";
import { machineContext } from "./context.ts";
import type { Ground } from "./ground.ts";
import { batchBase, type RecordedEvent, wireEvents } from "./write-batch.ts";

/**
 * What would be sent from here, for somebody who has not agreed yet: this machine's metadata, every
 * event that is defined once, with examples in its fields, and an id that nobody keeps.
 */
export function samplePayload(ground: Ground): Payload {
  const { definitions } = ground.options;
  const now = new Date();
  const preferences = carriedOver(readAllPreferences(ground.subject));
  const context = machineContext(ground, [{ is: "read", preferences }], now.getTime());
  const base = batchBase(ground.options, context, ground.facts(), undefined);
  const samples = Object.entries(definitions.events).map(([eventName, definition]) =>
    sampleEvent(eventName, definition, now),
  );
  const [first] = samples;
  if (first && ground.options.identity === "none") {
    first.firstOf = { day: true, week: true, month: true };
  }
  const content = { ...base.content, events: wireEvents(base, samples) };
  // The sender looks more closely.
  const machine = describeMachine({
    isDocker: isContainer(),
    isWsl: /microsoft/i.test(release()),
  });
  return payloadOf({ ...base, batchId: newUuid(), content }, machine);
}

function sampleEvent(eventName: string, definition: EventDefinition, now: Date): RecordedEvent {
  const examples = describeFields(definition).filter(({ example }) => example !== undefined);
  const fields = Object.fromEntries(examples.map(({ name, example }) => [name, example]));
  return {
    id: newUuid(),
    eventName,
    timestamp: now.toISOString(),
    ...(definition.sample !== undefined && { sampleRate: definition.sample }),
    fields: fields as RecordedEvent["fields"],
  };
}
