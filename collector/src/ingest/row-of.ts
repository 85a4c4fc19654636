import * as crypto from "node:crypto";
import type { ListedEvent } from "../../../src/events/validate.ts";
import type { Product } from "../definitions/product.ts";
import type { BuildColumns, EventRow, IdHash, MetaColumns, Place } from "../rows/row.ts";

/** What the rows of a request share. */
export interface Whole {
  context: { anonymousId: string | null; projectHash: string | null; sessionId: string | null };
  shared: Pick<
    EventRow,
    | "receivedAt"
    | "product"
    | "definitions"
    | "place"
    | "anonymousId"
    | "projectHash"
    | "sessionId"
    | "meta"
  >;
}

/** @param meta only what is listed. */
export function wholeOf(
  product: Product,
  context: Whole["context"],
  meta: Record<string, unknown>,
  now: Date,
): Whole {
  const place = placeOf(context.anonymousId, meta.isCI === true);
  return {
    context,
    shared: {
      receivedAt: now.getTime(),
      product: product.name,
      definitions: product.fingerprint,
      place,
      anonymousId: place === "installation" ? hashOf(context.anonymousId) : null,
      projectHash: hashOf(context.projectHash),
      sessionId: hashOf(context.sessionId),
      meta: columnsOfMeta(meta),
    },
  };
}

export interface RowParts {
  whole: Whole;
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  event: ListedEvent;
  /** Names of the fields that have a column. */
  columns: ReadonlySet<string>;
  firstOf: unknown;
}

export function rowOf({ whole, id, at, event, columns, firstOf }: RowParts): EventRow {
  const build: Record<string, unknown> = noBuild();
  const fields: Record<string, unknown> = {};
  for (const name of Object.keys(event.fields)) {
    if (columns.has(name)) build[name] = event.fields[name];
    else fields[name] = event.fields[name];
  }
  const marks = firstOf as { day: boolean; week: boolean; month: boolean } | undefined;
  const { shared } = whole;
  // Each by its name: copied by `...` it would be an object of the slow kind, here and in JSON.
  return {
    id,
    timestamp: at,
    day: dayOf(at),
    receivedAt: shared.receivedAt,
    product: shared.product,
    definitions: shared.definitions,
    eventName: event.eventName,
    place: shared.place,
    anonymousId: shared.anonymousId,
    projectHash: shared.projectHash,
    sessionId: shared.sessionId,
    sampleRate: event.sampleRate ?? 1,
    firstOfDay: marks?.day ?? null,
    firstOfWeek: marks?.week ?? null,
    firstOfMonth: marks?.month ?? null,
    meta: shared.meta,
    build: build as unknown as BuildColumns,
    fields,
  };
}

/** The first 64 bits of an id's SHA-256: enough to count by, not enough to ask for an erasure with. */
export function hashOf(id: string): IdHash;
export function hashOf(id: string | null): IdHash | null;
export function hashOf(id: string | null): IdHash | null {
  return id === null ? null : sha256(id).slice(0, 16);
}

/** In one call where the platform has it, which takes a third of the time. */
const sha256 = crypto.hash
  ? (text: string) => crypto.hash("sha256", text, "hex")
  : (text: string) => crypto.createHash("sha256").update(text).digest("hex");

function placeOf(anonymousId: string | null, isCI: boolean): Place {
  if (anonymousId === null) return isCI ? "ci" : "none";
  if (anonymousId.startsWith("ci.")) return "ci";
  return anonymousId === "container" ? "container" : "installation";
}

/** Most events are of the same day as the one before. */
const lastDay = { number: Number.NaN, text: "" };

function dayOf(at: number): string {
  const number = Math.floor(at / 86_400_000);
  if (number !== lastDay.number) {
    lastDay.number = number;
    lastDay.text = new Date(at).toISOString().slice(0, 10);
  }
  return lastDay.text;
}

const noBuild = (): Record<keyof BuildColumns, null> => ({
  success: null,
  duration: null,
  bundler: null,
  bundlerVersion: null,
  mode: null,
  watch: null,
  nodeVersion: null,
  productVersion: null,
  outputSize: null,
  modulesCount: null,
  errorPhase: null,
  errorType: null,
});

/** Machines in full detail name themselves in words of their vendors': bounded here. */
const longestText = 200;
const largestInteger = 2 ** 31 - 1;

function columnsOfMeta(meta: Record<string, unknown>): MetaColumns {
  const text = (value: unknown) =>
    typeof value === "string" && value.length <= longestText && !/\p{Control}/u.test(value)
      ? value
      : null;
  const integer = (value: unknown) =>
    typeof value === "number" && value <= largestInteger ? Math.round(value) : null;
  const flag = (value: unknown) => (typeof value === "boolean" ? value : null);
  return {
    platform: text(meta.platform),
    systemRelease: text(meta.systemRelease),
    arch: text(meta.arch),
    cpuCores: integer(meta.cpuCores),
    cpuModel: text(meta.cpuModel),
    cpuSpeed: integer(meta.cpuSpeed),
    memoryTotal: integer(meta.memoryTotal),
    isDocker: flag(meta.isDocker),
    isWsl: flag(meta.isWsl),
    isCI: flag(meta.isCI),
    ciName: text(meta.ciName),
    runtime: text(meta.runtime),
    runtimeVersion: text(meta.runtimeVersion),
    packageManager: text(meta.packageManager),
    agent: text(meta.agent),
  };
}
