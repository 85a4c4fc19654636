import { schemaVersion } from "../../../src/events/fingerprint.ts";
import { listedIn } from "../../../src/events/validate.ts";
import { isRecord } from "../../../src/support/files.ts";
import { batchMaxAgeMs, requestMaxEvents } from "../../../src/support/limits.ts";
import type { Product } from "../definitions/product.ts";
import type { Products } from "../definitions/products.ts";
import type { EventRow, Place } from "../rows/row.ts";
import { type PayloadRules, rulesOf } from "./payload-rules.ts";
import { rowOf, type Whole, wholeOf } from "./row-of.ts";

/** What was left out, and how often: for the operator's metrics, never a value. */
export type Dropped = Partial<Record<DropReason, number>>;
type DropReason =
  | "unknown_definitions"
  | "unlisted_event"
  | "malformed_event"
  | "event_too_old"
  | "event_in_future"
  | "field"
  | "meta";

export type Acceptance =
  | {
      rows: EventRow[];
      dropped: Dropped;
      product: Product;
      /** The product's, of the build that sends. */
      version: string | undefined;
      place: Place;
      /** As it came: only for limits and bans, kept nowhere. */
      anonymousId: string | null;
    }
  /** Why none of it can be taken, for the answer: it names the place and never repeats a value. */
  | { refusal: string };

/** Ahead of the collector's clock by more than this is a wrong clock. */
const futureMs = 10 * 60 * 1000;

/**
 * Holds a request to the definitions it names, once more after the client has. What isn't listed is
 * dropped; what can't be a request at all is refused. Pure.
 *
 * @param input the body, parsed.
 */
export function acceptPayload(products: Products, input: unknown, now: Date): Acceptance {
  if (!isRecord(input)) return { refusal: "The body should be an object." };
  if (input.schemaVersion !== schemaVersion) {
    return { refusal: `schemaVersion should be ${schemaVersion}.` };
  }
  for (const name of ["batchId", "definitions"]) {
    if (typeof input[name] !== "string") return { refusal: `${name} should be a string.` };
  }
  const dropped: Dropped = {};
  const known = products.known(input.definitions as string);
  const product = known ?? products.fallback();
  if (!product) {
    return { refusal: "definitions are none of this collector's: start it with their schema." };
  }
  if (!known) count(dropped, "unknown_definitions");
  const rules = rulesOf(product);

  const { context, meta, events } = input;
  if (!isRecord(context)) return { refusal: "context should be an object." };
  for (const { name, check } of rules.context) {
    if (!check(context[name])) return { refusal: `context.${name} is not as defined.` };
  }
  if (!isRecord(meta)) return { refusal: "meta should be an object." };
  if (!Array.isArray(events) || events.length === 0 || events.length > requestMaxEvents) {
    return { refusal: `events should be a list of 1 to ${requestMaxEvents}.` };
  }

  const whole = wholeOf(product, context as Whole["context"], takenMeta(meta, rules, dropped), now);
  const rows: EventRow[] = [];
  for (const event of events) {
    const row = acceptEvent(event, { product, rules, whole, dropped, now });
    if (row) rows.push(row);
  }
  return {
    rows,
    dropped,
    product,
    version: versionIn(events[0], rules),
    place: whole.shared.place,
    anonymousId: whole.context.anonymousId,
  };
}

interface EventSurroundings {
  product: Product;
  rules: PayloadRules;
  whole: Whole;
  dropped: Dropped;
  now: Date;
}

function acceptEvent(
  input: unknown,
  { product, rules, whole, dropped, now }: EventSurroundings,
): EventRow | undefined {
  if (!isRecord(input) || !rules.id(input.id) || !rules.timestamp(input.timestamp)) {
    return count(dropped, "malformed_event");
  }
  const { id, timestamp, firstOf } = input as { id: string; timestamp: string; firstOf?: unknown };
  const at = Date.parse(timestamp);
  if (Number.isNaN(at)) return count(dropped, "malformed_event");
  if (at < now.getTime() - batchMaxAgeMs) return count(dropped, "event_too_old");
  if (at > now.getTime() + futureMs) return count(dropped, "event_in_future");
  const { event, dropped: left } = listedIn(product.definitions, input);
  if (!event) return count(dropped, "unlisted_event");
  if (left.length > 0) count(dropped, "field", left.length);
  const isMarked = firstOf !== undefined && rules.firstOf?.(firstOf) === true;
  if (firstOf !== undefined && !isMarked) count(dropped, "field");
  const columns = rules.columns.get(event.eventName) as ReadonlySet<string>;
  return rowOf({ whole, id, at, event, columns, firstOf: isMarked ? firstOf : undefined });
}

/** Only what is listed and as it is described; anything else is null. */
function takenMeta(meta: Record<string, unknown>, rules: PayloadRules, dropped: Dropped) {
  const taken: Record<string, unknown> = {};
  let known = 0;
  for (const { name, check } of rules.meta) {
    const value = Object.hasOwn(meta, name) ? meta[name] : undefined;
    if (value === undefined) continue;
    known += 1;
    if (check(value)) taken[name] = value;
    else count(dropped, "meta");
  }
  const unlisted = Object.keys(meta).length - known;
  if (unlisted > 0) count(dropped, "meta", unlisted);
  return taken;
}

function versionIn(event: unknown, { versionField }: PayloadRules): string | undefined {
  const version = isRecord(event) && isRecord(event.fields) && event.fields[versionField];
  return typeof version === "string" ? version : undefined;
}

function count(dropped: Dropped, reason: DropReason, times = 1): undefined {
  dropped[reason] = (dropped[reason] ?? 0) + times;
}
