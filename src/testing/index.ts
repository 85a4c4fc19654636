/**
 * What a product's own tests need to see its telemetry at work: a real endpoint on this machine
 * that answers, hangs or refuses as told; a home of its own for each test, where nothing of the
 * developer's or the CI's settings counts; and one assertion. Nothing here is mocked: builds run as
 * they do for users, and what arrives came over a socket. Any test runner will do.
 */

export type { Answer, Behaviour, ReceivedRequest, SteadyBehaviour } from "./behaviour.ts";
export { type EventSource, type ExpectedEvent, expectEvent } from "./expect-event.ts";
export {
  type IsolatedHome,
  type IsolatedHomeOptions,
  isolatedHome,
  type PreferencesToWrite,
} from "./isolated-home.ts";
export type { ReceivedEvent } from "./received-event.ts";
export type { ReceivedPayload } from "./received-payload.ts";
export {
  type Receiver,
  type ReceiverOptions,
  startReceiver,
  type WaitOptions,
} from "./receiver.ts";
export type { SpooledBatch, SpooledFile } from "./spooled.ts";
