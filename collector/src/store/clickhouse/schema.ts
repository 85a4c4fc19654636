import { dailyColumns } from "../../aggregate/daily.ts";
import { SettingsError } from "../../config/told-error.ts";
import { type ColumnType, columns } from "../../rows/columns.ts";
import type { Flavor } from "./flavor.ts";

/**
 * The tables, as text. On one server: `events`, what was taken; `erased`, tombstones;
 * `daily_rows` and `aggregated`, aggregates and which of them count; `daily`, those that do.
 *
 * In a cluster `events` is spread over `events_local` of each shard by the event's id, so that its
 * repeats meet where they collapse; the others are whole on every server.
 */
export interface Layout {
  flavor: Flavor;
  retentionDays: number;
  cluster?: string | undefined;
}

const types: Record<Flavor, Record<ColumnType, string>> = {
  current: {
    uuid: "UUID",
    moment: "DateTime64(3, 'UTC')",
    day: "Date",
    word: "LowCardinality(String)",
    hash: "UInt64",
    flag: "Bool",
    integer: "Int64",
    number: "Float64",
    json: "String",
  },
  legacy: {
    uuid: "UUID",
    // Milliseconds since 1970.
    moment: "UInt64",
    day: "Date",
    word: "String",
    hash: "UInt64",
    flag: "UInt8",
    integer: "Int64",
    number: "Float64",
    json: "String",
  },
};

function typeOf(type: ColumnType, isNullable: boolean, flavor: Flavor): string {
  const plain = types[flavor][type];
  if (!isNullable) {
    return plain;
  }
  return plain === "LowCardinality(String)"
    ? "LowCardinality(Nullable(String))"
    : `Nullable(${plain})`;
}

/** Where rows are, and what mutations and partitions are of. */
export function localEvents({ cluster }: Layout): string {
  return cluster ? "events_local" : "events";
}

/** ` ON CLUSTER …`, or nothing. */
export function onCluster({ cluster }: Layout): string {
  return cluster ? ` ON CLUSTER ${identifier(cluster)}` : "";
}

/** Numbered migrations, each some statements that may run twice. */
export function migrations(layout: Layout): readonly (readonly string[])[] {
  return [[...eventTables(layout), ...otherTables(layout)]];
}

export function migrationsTable(layout: Layout): string {
  return create(layout, "migrations", ["number UInt32", "appliedAt DateTime"], {
    engine: engine(layout, "migrations", "everywhere"),
    orderBy: "number",
  });
}

function eventTables(layout: Layout): string[] {
  const { flavor, retentionDays, cluster } = layout;
  // Half as many bytes; columns are made of it, which queries read.
  const codecOf = (type: ColumnType) =>
    type === "json" && flavor === "current" ? " CODEC(ZSTD(1))" : "";
  const definitions = columns.map(
    ({ name, type, isNullable }) => `${name} ${typeOf(type, isNullable, flavor)}${codecOf(type)}`,
  );
  const local = create(layout, localEvents(layout), definitions, {
    engine: engine(layout, localEvents(layout), "sharded"),
    partitionBy: "toYYYYMM(day)",
    orderBy: "(product, day, id)",
    ...(flavor === "current" && {
      ttl: ttl(retentionDays),
      // Replicas have it in more than one place; a single server's disk is all there is.
      ...(!cluster && { settings: "fsync_after_insert = 1, fsync_part_directory = 1" }),
    }),
  });
  if (!cluster) {
    return [local];
  }
  const distributed = `CREATE TABLE IF NOT EXISTS events${onCluster(layout)} AS events_local
ENGINE = Distributed(${identifier(cluster)}, currentDatabase(), events_local, cityHash64(id))`;
  return [local, distributed];
}

/** A day longer than what `maintain` keeps, so that a day is aggregated before it goes. */
export function ttl(retentionDays: number): string {
  return `day + toIntervalDay(${retentionDays + 1})`;
}

function otherTables(layout: Layout): string[] {
  const { flavor } = layout;
  const moment = types[flavor].moment;
  const daily = dailyColumns.map(
    ({ name, type }) => `${name} ${typeOf(type, /^p\d/.test(name), flavor)}`,
  );
  const names = dailyColumns.map(({ name }) => name).join(", ");
  return [
    create(layout, "erased", ["anonymousId UInt64", `erasedAt ${moment}`], {
      engine: engine(layout, "erased", "everywhere"),
      orderBy: "anonymousId",
    }),
    create(layout, "aggregated", ["day Date", "n UInt64", "computed UInt64"], {
      engine: engine(layout, "aggregated", "everywhere", "computed"),
      orderBy: "day",
    }),
    create(layout, "daily_rows", [...daily, "computed UInt64"], {
      engine: engine(layout, "daily_rows", "everywhere", "computed"),
      partitionBy: "toYYYYMM(day)",
      orderBy: "(product, day, place, dimension, value)",
    }),
    `CREATE VIEW IF NOT EXISTS daily${onCluster(layout)} AS SELECT ${names} FROM daily_rows
WHERE (day, computed) IN (SELECT day, max(computed) FROM aggregated GROUP BY day)`,
  ];
}

interface Parts {
  engine: string;
  partitionBy?: string;
  orderBy: string;
  ttl?: string;
  settings?: string;
}

function create(layout: Layout, name: string, definitions: string[], parts: Parts): string {
  return [
    `CREATE TABLE IF NOT EXISTS ${name}${onCluster(layout)} (\n  ${definitions.join(",\n  ")}\n)`,
    `ENGINE = ${parts.engine}`,
    ...(parts.partitionBy ? [`PARTITION BY ${parts.partitionBy}`] : []),
    `ORDER BY ${parts.orderBy}`,
    ...(parts.ttl ? [`TTL ${parts.ttl}`] : []),
    ...(parts.settings ? [`SETTINGS ${parts.settings}`] : []),
  ].join("\n");
}

/** One that collapses rows of the same key, in a cluster on several servers. */
function engine(
  { cluster }: Layout,
  table: string,
  where: "sharded" | "everywhere",
  version = "",
): string {
  if (!cluster) {
    return `ReplacingMergeTree(${version})`;
  }
  const [path, replica] =
    where === "sharded" ? ["{shard}", "{replica}"] : ["all", "{shard}-{replica}"];
  const rest = version && `, ${version}`;
  return `ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/${path}/${table}', '${replica}'${rest})`;
}

/** @throws SettingsError for a name that would need quotes. */
function identifier(name: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(name)) {
    throw new SettingsError(`The cluster's name "${name}" is none: letters, digits, "_" and "-".`);
  }
  return `\`${name}\``;
}
