import type { BuildColumns, EventRow, MetaColumns } from "./row.ts";

/**
 * The columns of a stored event, for every store: each makes its own table from this list, in this
 * order, and its own values from `valuesOf`.
 */
export interface ColumnDefinition {
  name: string;
  type: ColumnType;
  isNullable: boolean;
  /** Where in `EventRow` it is, if not at the top. */
  within?: "meta" | "build";
}

/**
 * `moment`: milliseconds since 1970 · `day`: `2026-11-25` · `hash`: 16 hexadecimal digits, an
 * unsigned 64-bit number where the engine has one · `word`: text of few different values · `json`:
 * an object's text.
 */
export type ColumnType =
  | "uuid"
  | "moment"
  | "day"
  | "word"
  | "hash"
  | "flag"
  | "integer"
  | "number"
  | "json";

const metaColumns: Record<keyof MetaColumns, ColumnType> = {
  platform: "word",
  systemRelease: "word",
  arch: "word",
  cpuCores: "integer",
  cpuModel: "word",
  cpuSpeed: "integer",
  memoryTotal: "integer",
  isDocker: "flag",
  isWsl: "flag",
  isCI: "flag",
  ciName: "word",
  runtime: "word",
  runtimeVersion: "word",
  packageManager: "word",
  agent: "word",
};

const buildColumns: Record<keyof BuildColumns, ColumnType> = {
  success: "flag",
  duration: "integer",
  bundler: "word",
  bundlerVersion: "word",
  mode: "word",
  watch: "flag",
  nodeVersion: "word",
  productVersion: "word",
  outputSize: "integer",
  modulesCount: "integer",
  errorPhase: "word",
  errorType: "word",
};

const own: readonly [keyof EventRow, ColumnType, "nullable"?][] = [
  ["id", "uuid"],
  ["timestamp", "moment"],
  ["day", "day"],
  ["receivedAt", "moment"],
  ["product", "word"],
  ["definitions", "word"],
  ["eventName", "word"],
  ["place", "word"],
  ["anonymousId", "hash", "nullable"],
  ["projectHash", "hash", "nullable"],
  ["sessionId", "hash", "nullable"],
  ["sampleRate", "number"],
  ["firstOfDay", "flag", "nullable"],
  ["firstOfWeek", "flag", "nullable"],
  ["firstOfMonth", "flag", "nullable"],
];

const metaNames = Object.keys(metaColumns) as (keyof MetaColumns)[];
const buildNames = Object.keys(buildColumns) as (keyof BuildColumns)[];

export const columns: readonly ColumnDefinition[] = [
  ...own.map(([name, type, nullable]) => ({ name, type, isNullable: nullable !== undefined })),
  ...metaNames.map((name) => ({
    name,
    type: metaColumns[name],
    isNullable: true,
    within: "meta" as const,
  })),
  ...buildNames.map((name) => ({
    name,
    type: buildColumns[name],
    isNullable: true,
    within: "build" as const,
  })),
  { name: "fields", type: "json", isNullable: true },
];

export type ColumnValue = string | number | boolean | null;

/** In the order of `columns`; `fields` as text, null where there are none. */
export function valuesOf(row: EventRow): ColumnValue[] {
  const hasFields = Object.keys(row.fields).length > 0;
  return [
    ...own.map(([name]) => row[name] as ColumnValue),
    ...metaNames.map((name) => row.meta[name]),
    ...buildNames.map((name) => row.build[name]),
    hasFields ? JSON.stringify(row.fields) : null,
  ];
}
