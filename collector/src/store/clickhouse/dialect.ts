import type { ColumnDefinition } from "../../rows/columns.ts";
import type { FieldColumns } from "../field-columns.ts";
import type { Dialect } from "../store.ts";
import { fieldsDialect } from "./fields.ts";
import { quoted } from "./quoted.ts";
import type { Layout } from "./schema.ts";

/** Of `events`: rows of one id collapse, and an erased installation's are hidden at once. */
function eventsOf({ cluster }: Pick<Layout, "cluster">): string {
  const notIn = cluster ? "GLOBAL NOT IN" : "NOT IN";
  return `(SELECT * FROM events FINAL WHERE ifNull(anonymousId, 0) ${notIn} (SELECT anonymousId FROM erased))`;
}

export function clickHouseDialect(
  layout: Pick<Layout, "flavor" | "cluster">,
  columns?: FieldColumns,
): Dialect {
  const isCurrent = layout.flavor === "current";
  return {
    name: "clickhouse",
    events: eventsOf(layout),
    erased: `(SELECT ${stored({ name: "anonymousId", type: "hash" }, isCurrent)} AS installation FROM erased)`,
    grouping: (column) => ({ by: column, value: column }),
    // Of nulls alone the engine says null.
    distinct: (column) => `coalesce(uniqExact(${column}), 0)`,
    aboutDistinct: (column) =>
      `coalesce(${isCurrent ? "uniqCombined64" : "uniqCombined"}(${column}), 0)`,
    // Ids are hashes, so that any of their bits choose at random.
    distinctAtLeast: (column) => `coalesce(uniqExact(if(${column} % 16 = 0, ${column}, NULL)), 0)`,
    bits: (column) =>
      `toString(groupBitOr(if(isNull(${column}), toUInt64(0), bitShiftLeft(toUInt64(1), toUInt8(assumeNotNull(${column}) % 64)))))`,
    among: (column, marks) => `${column} IN (${marks.join(", ")})`,
    quantile: (column, share) => `quantileExact(${below(share)})(${column})`,
    countIf: (condition) => `coalesce(countIf(${condition}), 0)`,
    sumIf: (value, condition) => `coalesce(sumIf(${value}, ${condition}), 0)`,
    startOf: (step, column) =>
      step === "week" ? `toMonday(${column})` : `toStartOfMonth(${column})`,
    quantiles: (column, shares) => `quantilesExact(${shares.map(below).join(", ")})(${column})`,
    text: (value, isFlag) =>
      isFlag && !isCurrent
        ? `multiIf(${value} = 1, 'true', ${value} = 0, 'false', NULL)`
        : `CAST(${value} AS Nullable(String))`,
    value: (column) => stored(column, isCurrent),
    ...(isCurrent ? fieldsDialect(columns) : legacyFields),
  };
}

/**
 * The engine takes the value after such a share of all, other engines the one that completes it: where
 * the share falls between two values, that is one further on. A hair less makes them the same.
 */
function below(share: number): number {
  return share - 1e-12;
}

function stored(
  { name, type }: Pick<ColumnDefinition, "name" | "type">,
  isCurrent: boolean,
): string {
  switch (type) {
    case "uuid":
    case "day":
      return `toString(${name})`;
    case "moment":
      return isCurrent ? `toUnixTimestamp64Milli(${name})` : name;
    case "hash":
      // The engine writes no leading zeros.
      return `lower(reverse(substring(concat(reverse(hex(${name})), '0000000000000000'), 1, 16)))`;
    case "flag":
      return isCurrent ? name : `CAST(${name} AS Nullable(Enum8('false' = 0, 'true' = 1)))`;
    default:
      return name;
  }
}

const legacyFields: ReturnType<typeof fieldsDialect> = {
  field(name, as, key) {
    const fields = "ifNull(fields, '')";
    const object = key === undefined ? fields : `visitParamExtractRaw(${fields}, ${quoted(name)})`;
    const own = quoted(key ?? name);
    const raw = `visitParamExtractRaw(${object}, ${own})`;
    switch (as) {
      case "boolean":
        return `multiIf(${raw} = 'true', 1, ${raw} = 'false', 0, NULL)`;
      case "number":
        return `toFloat64OrNull(${raw})`;
      case "text":
        return `multiIf(${raw} = '', NULL, substring(${raw}, 1, 1) = '"', visitParamExtractString(${object}, ${own}), ${raw})`;
    }
  },
  hasLists: false,
  items: notThere,
  keys: notThere,
  has: notThere,
};

/** @throws Error */
function notThere(): never {
  throw new Error("Fields that are lists or maps can't be asked for before ClickHouse 23.8.");
}
