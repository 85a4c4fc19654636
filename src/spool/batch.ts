import type { Subject } from "../consent/index.ts";
import { isRecord } from "../support/files.ts";
import type { SinkOptions } from "../support/sinks.ts";

/**
 * A batch: the events of one process, one file. It holds everything that a sender needs, so that
 * the sender of one build can deliver what another build, or an older version, has left.
 */
export const batchFormat = 1;

export interface Batch {
  format: typeof batchFormat;
  product: string;
  version: string;
  batchId: string;
  sinks: SinkOptions[];
  /** When a notice was shown by the run that wrote this: only senders of later runs may take it. */
  heldSince?: number;
  /** Who may say no besides those that the product's name tells. */
  asks?: Asks;
  /** How much of the machine the sender may add. */
  metadata: "coarse" | "full" | "none";
  /** What goes into the payload as it is: schemaVersion, definitions, context, events. */
  content: BatchContent;
  /** What the build's process knows for `meta`. */
  facts: object;
}

/** For commands that know of the product its name and no more. Files are told as from the home. */
export interface Asks extends Pick<Subject, "alsoRead" | "offVariables"> {
  consent: "opt-out" | "opt-in";
}

export interface BatchContent {
  schemaVersion: number;
  definitions: string;
  context: { anonymousId: string | null; projectHash: string | null; sessionId: string | null };
  events: WireEvent[];
}

export interface WireEvent {
  id: string;
  eventName: string;
  timestamp: string;
  /** Where not every run records it: the share that does. */
  sampleRate?: number;
  /** Where nobody has an id: of which periods this is the machine's first event. */
  firstOf?: FirstOf;
  fields: Record<string, unknown>;
}

/** By UTC; the week is ISO 8601's. */
export interface FirstOf {
  day: boolean;
  week: boolean;
  month: boolean;
}

/** A batch whose payload is final: a repeat sends the same bytes. */
export interface SealedBatch {
  format: typeof batchFormat;
  sealed: true;
  product: string;
  version: string;
  batchId: string;
  sinks: SinkOptions[];
  heldSince?: number;
  asks?: Asks;
  requests: Request[];
  /** What is left for a sink, where that differs from `requests`; an empty list: settled. */
  left: Record<string, Request[]>;
}

/** One request: its id and the exact JSON text. */
export interface Request {
  id: string;
  body: string;
}

export type Parsed =
  | { is: "batch"; batch: Batch | SealedBatch }
  /** Written by a newer sendoff, which will take care of it. */
  | { is: "newer" }
  | { is: "torn" }
  | { is: "unreadable" };

export function parseBatch(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { is: "torn" };
  }
  if (!isRecord(value) || typeof value.format !== "number") return { is: "torn" };
  if (value.format > batchFormat) return { is: "newer" };
  return isBatch(value)
    ? { is: "batch", batch: value as unknown as Batch | SealedBatch }
    : { is: "torn" };
}

function isBatch(value: Record<string, unknown>): boolean {
  const named = [value.product, value.version, value.batchId].every((v) => typeof v === "string");
  if (!named || !Array.isArray(value.sinks) || !value.sinks.every(isRecord)) return false;
  if (value.asks !== undefined && !areAsks(value.asks)) return false;
  if (value.sealed === true) {
    if (!isRecord(value.left)) return false;
    const lists = [value.requests, ...Object.values(value.left)];
    return lists.every((list) => isListOf(list, ["id", "body"]));
  }
  const { content, facts } = value;
  return isRecord(facts) && isRecord(content) && isListOf(content.events, ["id", "eventName"]);
}

/** Also commands read these, and `disable` has to work whatever lies in the spool. */
function areAsks(asks: unknown): boolean {
  if (!isRecord(asks) || !isListOf(asks.alsoRead, ["file", "format"])) return false;
  const { offVariables } = asks;
  return Array.isArray(offVariables) && offVariables.every((name) => typeof name === "string");
}

/** Of objects that have these texts. */
function isListOf(list: unknown, texts: readonly string[]): boolean {
  const hasTexts = (item: unknown) =>
    isRecord(item) && texts.every((key) => typeof item[key] === "string");
  return Array.isArray(list) && list.every(hasTexts);
}

export function isSealed(batch: Batch | SealedBatch): batch is SealedBatch {
  return "sealed" in batch;
}
