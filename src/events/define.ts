import { isRecord } from "../support/files.ts";
import { type Field, isField, type ValueOf } from "./fields.ts";
import { rollupEvent, rollupEventName } from "./rollup-event.ts";

/**
 * The allowlist. What is not defined here cannot leave the machine: `record` takes its types from
 * it, the validator holds every value to it, and the page for the users is printed from it.
 */
export interface EventDefinition<Fields extends FieldSet = FieldSet> {
  /** One sentence: when is this recorded? */
  description: string;
  fields: Fields;
  /**
   * The share of runs that record it, above 0 and up to 1; such an event carries the rate.
   * @default 1
   */
  sample?: number;
}
export type FieldSet = Record<string, Field>;
export type EventSet = Record<string, EventDefinition>;

/** What `defineEvents` returns: checked, frozen, ready for `createTelemetry`. */
export interface Definitions<Events extends EventSet = EventSet> {
  readonly events: Events;
  /** Names that `telemetry.count` takes. */
  readonly counts: readonly string[];
}

/** The fields that `record` takes for an event: every one of them may be left out. */
export type FieldsOf<Definition> =
  Definition extends EventDefinition<infer Fields>
    ? { [Name in keyof Fields]?: ValueOf<Fields[Name]> | undefined }
    : never;

/** Any event of a set, as `record` takes it. */
export type EventOf<Events extends EventSet> = {
  [Name in keyof Events]: {
    eventName: Name;
    fields: FieldsOf<Events[Name]>;
    /** ISO 8601; when it happened. Now, unless given. */
    timestamp?: string;
  };
}[keyof Events];

export interface DefineOptions<Common extends FieldSet> {
  /**
   * Fields that every event may carry; an event's own of the same name comes first.
   * @default {}
   */
  common?: Common;
  /**
   * Names that `telemetry.count` takes, besides `rebuild`.
   * @default []
   */
  counts?: readonly string[];
}

type NoFields = Record<never, Field>;

type WithCommon<Events extends EventSet, Common extends FieldSet> = {
  [Name in keyof Events]: EventDefinition<Events[Name]["fields"] & Common>;
};

/** @throws TypeError for a name, field or description that can't be, with the fix in the message. */
export function defineEvents<
  const Events extends EventSet,
  const Common extends FieldSet = NoFields,
>(events: Events, options: DefineOptions<Common> = {}): Definitions<WithCommon<Events, Common>> {
  if (!isRecord(events)) {
    throw new TypeError(
      "defineEvents takes an object of events: defineEvents({ ...buildEvents }).",
    );
  }
  const { common = {} as Common, counts: given = [], ...others } = options ?? {};
  if (!Array.isArray(given) || Object.keys(others).length > 0) {
    throw new TypeError("defineEvents takes { common, counts } after the events.");
  }
  const defined: EventSet = {};
  for (const [name, definition] of Object.entries(events)) {
    checkEvent(name, definition);
    const fields = { ...common, ...definition.fields };
    for (const [fieldName, field] of Object.entries(fields)) checkField(name, fieldName, field);
    defined[name] = Object.freeze({
      description: definition.description,
      fields: Object.freeze(fields),
      ...((definition.sample ?? 1) < 1 && { sample: definition.sample }),
    });
  }
  const counts = [...new Set(["rebuild", ...given])];
  for (const name of counts) checkCount(name);
  defined[rollupEventName] = Object.freeze(rollupEvent(counts));
  return Object.freeze({
    events: Object.freeze(defined) as WithCommon<Events, Common>,
    counts: Object.freeze(counts),
  });
}

export function isDefinitions(value: unknown): value is Definitions {
  return (
    isRecord(value) &&
    Object.isFrozen(value) &&
    isRecord(value.events) &&
    Array.isArray(value.counts)
  );
}

const eventName = /^[a-z][a-z0-9-]{0,31}(:[a-z][a-z0-9-]{0,31})?$/;
const camelCase = /^[a-z][A-Za-z0-9]{0,39}$/;

function checkEvent(name: string, definition: EventDefinition): void {
  if (!eventName.test(name)) {
    throw new TypeError(
      `Event name "${name}" can't be: use lower case words such as "build:completed".`,
    );
  }
  if (name === rollupEventName) {
    throw new TypeError(
      `Event name "${name}" is taken by what telemetry.count makes: use another.`,
    );
  }
  if (!isRecord(definition) || !isRecord(definition.fields)) {
    throw new TypeError(`Event "${name}" has no fields: define it as { description, fields: {} }.`);
  }
  const { description, fields, sample = 1, ...others } = definition;
  if (typeof description !== "string" || description.trim() === "") {
    throw new TypeError(`Event "${name}" has no description: say in one sentence when it happens.`);
  }
  if (typeof sample !== "number" || !(sample > 0 && sample <= 1)) {
    throw new RangeError(
      `Event "${name}" has a sample of ${String(sample)}: pass the share of runs that record it, above 0 and up to 1, or leave it out.`,
    );
  }
  // A misspelt `sample` would have every run record it, and types don't see it.
  for (const other in others) {
    throw new TypeError(`Event "${name}" takes no "${other}": check its name.`);
  }
}

function checkField(event: string, name: string, field: unknown): void {
  if (!camelCase.test(name)) {
    throw new TypeError(
      `Field "${name}" of "${event}" can't be: use lower camel case of up to 40 characters.`,
    );
  }
  if (!isField(field)) {
    throw new TypeError(
      `Field "${name}" of "${event}" is not made by sendoff: use field.count(…), field.oneOf(…), …`,
    );
  }
}

function checkCount(name: string): void {
  if (!camelCase.test(name)) {
    throw new TypeError(`Count "${name}" can't be: use lower camel case of up to 40 characters.`);
  }
}
