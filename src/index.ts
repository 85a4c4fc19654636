/**
 * sendoff: anonymous build telemetry that never holds up a build. This entry is what runs in the
 * build's process: it validates, writes one small file, and starts the sender as the process exits.
 */
export { buildEvents } from "./events/build-events.ts";
export { type CommandEventsOptions, commandEvents } from "./events/command-events.ts";
export {
  type DefineOptions,
  type Definitions,
  defineEvents,
  type EventDefinition,
  type EventOf,
  type EventSet,
  type FieldSet,
  type FieldsOf,
} from "./events/define.ts";
export { type Field, field, type ValueOf } from "./events/fields.ts";
export type { ConsentPrompt, ConsentQuestion } from "./tracker/ask.ts";
export { createTelemetry, getTelemetry } from "./tracker/create-telemetry.ts";
export type { TelemetryOptions } from "./tracker/options.ts";
export type { FlushMode, RecordResult, Telemetry, TelemetryStatus } from "./tracker/tracker.ts";
