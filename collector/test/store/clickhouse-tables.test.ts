import { expect, test } from "vitest";
import { addColumn } from "../../src/store/clickhouse/fields.ts";
import { flavorOfVersion } from "../../src/store/clickhouse/flavor.ts";
import { bind } from "../../src/store/clickhouse/marks.ts";
import { type Layout, migrations, migrationsTable } from "../../src/store/clickhouse/schema.ts";
import { type FieldColumn, FieldColumns } from "../../src/store/field-columns.ts";

/** What takes a cluster to run is held to its text; `clickhouse.test.ts` runs the rest. */
const text = (layout: Layout) => [migrationsTable(layout), ...migrations(layout).flat()];

test("in a cluster every table is made on all servers, replicated, events sharded by id", () => {
  const made = text({ flavor: "current", retentionDays: 90, cluster: "main" });
  for (const statement of made) {
    expect(statement).toMatch(/^CREATE (TABLE|VIEW) IF NOT EXISTS \w+ ON CLUSTER `main`/);
  }
  const of = (name: string) =>
    made.find((statement) => statement.includes(`EXISTS ${name} ON`)) ?? "";
  expect(of("events_local")).toContain(
    "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/{shard}/events_local', '{replica}')",
  );
  expect(of("events_local")).toContain("PARTITION BY toYYYYMM(day)\nORDER BY (product, day, id)");
  expect(of("events_local")).toContain("TTL day + toIntervalDay(91)");
  expect(of("events")).toContain(
    "ENGINE = Distributed(`main`, currentDatabase(), events_local, cityHash64(id))",
  );
  for (const name of ["erased", "aggregated", "daily_rows", "migrations"]) {
    expect(of(name)).toContain(`'/clickhouse/tables/{database}/all/${name}', '{shard}-{replica}'`);
  }
  expect(() => text({ flavor: "current", retentionDays: 90, cluster: "a`; DROP" })).toThrow(
    /cluster's name/,
  );
});

test("a field's column is added on all servers, where rows are and where they are asked for", () => {
  const [column] = new FieldColumns(['it\'s "odd":text']).there as [FieldColumn];
  expect(addColumn({ flavor: "current", retentionDays: 90, cluster: "main" }, column)).toEqual(
    ["events_local", "events"].map(
      (table) =>
        `ALTER TABLE ${table} ON CLUSTER \`main\` ADD COLUMN IF NOT EXISTS "it's \\"odd\\":text" ` +
        `LowCardinality(Nullable(String)) DEFAULT JSONExtract(fields, 'it\\'s "odd"', 'Nullable(String)') CODEC(ZSTD(1))`,
    ),
  );
});

test("on one server nothing is replicated, and inserts are synced to the disk", () => {
  const made = text({ flavor: "current", retentionDays: 90 }).join("\n");
  expect(made).not.toMatch(/Replicated|ON CLUSTER|Distributed/);
  expect(made).toContain("SETTINGS fsync_after_insert = 1, fsync_part_directory = 1");
  expect(made).toContain("timestamp DateTime64(3, 'UTC')");
  expect(made).toContain("platform LowCardinality(Nullable(String))");
  expect(made).toContain("anonymousId Nullable(UInt64)");
  expect(made).toContain("fields Nullable(String) CODEC(ZSTD(1))");
});

test("a server before 23.8 gets the types that it has", () => {
  expect(flavorOfVersion("18.16.1")).toBe("legacy");
  expect(flavorOfVersion("23.7.4.5")).toBe("legacy");
  expect(flavorOfVersion("23.8.1.1")).toBe("current");
  expect(flavorOfVersion("26.7.2.1")).toBe("current");
  const made = text({ flavor: "legacy", retentionDays: 90 }).join("\n");
  expect(made).not.toMatch(/DateTime64|LowCardinality|Bool|TTL|fsync|CODEC/);
});

test("marks become typed parameters, or literals that nothing ends early", () => {
  const sql = "SELECT ':a', x::Date, :a, :b, :c, :d, :e, true FROM t";
  const values = { a: "it's \\", b: true, c: ["x", "y'"], d: null, e: 1.5 };
  expect(bind(sql, values, "current").query).toBe(
    "SELECT ':a', x::Date, {a:String}, {b:Bool}, {c:Array(String)}, {d:Nullable(String)}, {e:Float64}, true FROM t",
  );
  expect(bind(sql, values, "legacy").query).toBe(
    "SELECT ':a', x::Date, 'it\\'s \\\\', 1, ('x', 'y\\''), NULL, 1.5, 1 FROM t",
  );
  expect(() => bind(":missing", {}, "current")).toThrow(/:missing/);
});
