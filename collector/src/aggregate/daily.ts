import { columns } from "../rows/columns.ts";
import type { Dialect } from "../store/store.ts";

/**
 * Daily aggregates: what stays when raw rows are deleted. Computed from rows that are counted once,
 * anew whenever a day has got or lost some, until it can get no more; then they are final. They hold
 * numbers of installations and none of their ids.
 *
 * The table `daily` has a row per product, day, place, and either all of them (`dimension` and
 * `value` are empty) or one value of one dimension.
 */
export const dailyColumns = [
  { name: "product", type: "word" },
  { name: "day", type: "day" },
  { name: "place", type: "word" },
  { name: "dimension", type: "word" },
  { name: "value", type: "word" },
  /** Each by its sampling rate, as are the next two. */
  { name: "events", type: "number" },
  { name: "completed", type: "number" },
  { name: "failures", type: "number" },
  /** That built: so many stand behind the builds, and as many a question about builds counts. */
  { name: "installations", type: "number" },
  { name: "projects", type: "number" },
  /** Milliseconds, of completed builds; null where there was none. */
  { name: "p50", type: "integer" },
  { name: "p75", type: "integer" },
  { name: "p95", type: "integer" },
  { name: "p99", type: "integer" },
] as const;

/** Columns of events, each with few values a day. What a row doesn't have counts as `unknown`. */
export const dailyDimensions = [
  "eventName",
  "platform",
  "arch",
  "cpuCores",
  "memoryTotal",
  "isDocker",
  "isWsl",
  "ciName",
  "runtime",
  "runtimeVersion",
  "packageManager",
  "agent",
  "bundler",
  "bundlerVersion",
  "mode",
  "watch",
  "nodeVersion",
  "productVersion",
  "errorPhase",
  "errorType",
] as const;

/** What `daily` is to have for the day `:day`, its columns in their order. */
export function dailySelect(dialect: Dialect): string {
  const each = "1 / sampleRate";
  const duration = "CASE WHEN success THEN duration END";
  const isBuild = "success IS NOT NULL";
  const whoBuilt = (id: string) => dialect.distinct(`CASE WHEN ${isBuild} THEN ${id} END`);
  const measures = [
    `sum(${each}) AS events`,
    `${dialect.sumIf(each, "success = true")} AS completed`,
    `${dialect.sumIf(each, "success = false")} AS failures`,
    // Clients without an id tell which event is their machine's first of the day.
    `${whoBuilt("anonymousId")} + ${dialect.sumIf(each, `firstOfDay = true AND ${isBuild}`)} AS installations`,
    `${whoBuilt("projectHash")} AS projects`,
    ...[50, 75, 95, 99].map((share) => `${dialect.quantile(duration, share / 100)} AS p${share}`),
  ].join(", ");
  const group = (dimension: string, value: string) =>
    `SELECT product, day, place, '${dimension}' AS dimension, ${value} AS value, ${measures}
     FROM ${dialect.events} WHERE day = :day GROUP BY product, day, place, value`;
  return [
    group("", "''"),
    ...dailyDimensions.map((name) => {
      const isFlag = columns.some((column) => column.name === name && column.type === "flag");
      return group(name, `coalesce(${dialect.text(name, isFlag)}, 'unknown')`);
    }),
  ].join("\nUNION ALL\n");
}

/** Events of each day, to see by which ones have changed. */
export function rowsByDay(dialect: Dialect): string {
  return `SELECT day, count(*) AS n FROM ${dialect.events} GROUP BY day`;
}

/**
 * Days whose aggregates are not those of their rows, oldest first.
 * @param rows how many each day has now.
 * @param aggregated how many it had when it was aggregated.
 */
export function dueDays(
  rows: ReadonlyMap<string, number>,
  aggregated: ReadonlyMap<string, number>,
): string[] {
  return [...rows.keys()].filter((day) => rows.get(day) !== aggregated.get(day)).sort();
}
