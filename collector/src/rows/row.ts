/**
 * An event as stores keep it: one flat row, already held to the product's definitions. Names of
 * columns are those of the wire format (docs/design.md, section 7); every store has the same ones,
 * so that a query is written once.
 *
 * Raw ids are never kept. `anonymousId`, `projectHash` and `sessionId` become 64 bits of their
 * SHA-256, enough to count and to erase by, not enough to ask for an erasure with.
 */
export interface EventRow {
  /** The event's own id, a UUID: what a repeat is known by. */
  id: string;
  /** Milliseconds since 1970, when it happened; in coarse metadata the hour. */
  timestamp: number;
  /** The same moment's day, UTC, as `2026-11-25`. */
  day: string;
  /** Milliseconds since 1970, when the collector took it. */
  receivedAt: number;
  product: string;
  /** The fingerprint it was held to. */
  definitions: string;
  eventName: string;
  /** Who: an installation has an id; the others are counted apart. */
  place: Place;
  anonymousId: IdHash | null;
  projectHash: IdHash | null;
  sessionId: IdHash | null;
  /** Each row stands for `1 / sampleRate` events. */
  sampleRate: number;
  /** The machine's first of its day, week, month; null where the client doesn't tell (it has an id). */
  firstOfDay: boolean | null;
  firstOfWeek: boolean | null;
  firstOfMonth: boolean | null;
  meta: MetaColumns;
  /** Fields of `buildEvents`, which most products share and every view asks for. */
  build: BuildColumns;
  /** All other fields of the event, which only this product's definitions explain. */
  fields: Record<string, unknown>;
}

export type Place = "installation" | "ci" | "container" | "none";

/** 16 hexadecimal digits: the first 64 bits of an id's SHA-256. */
export type IdHash = string;

export interface MetaColumns {
  platform: string | null;
  systemRelease: string | null;
  arch: string | null;
  cpuCores: number | null;
  cpuModel: string | null;
  /** MHz. */
  cpuSpeed: number | null;
  /** MiB. */
  memoryTotal: number | null;
  isDocker: boolean | null;
  isWsl: boolean | null;
  isCI: boolean | null;
  ciName: string | null;
  runtime: string | null;
  runtimeVersion: string | null;
  packageManager: string | null;
  agent: string | null;
}

/** A column is null where the event has no such field, or the product defines it as another kind. */
export interface BuildColumns {
  success: boolean | null;
  /** Milliseconds. */
  duration: number | null;
  bundler: string | null;
  bundlerVersion: string | null;
  mode: string | null;
  watch: boolean | null;
  nodeVersion: string | null;
  productVersion: string | null;
  /** Bytes. */
  outputSize: number | null;
  modulesCount: number | null;
  errorPhase: string | null;
  errorType: string | null;
}
