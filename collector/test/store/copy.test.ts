import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { copyStore } from "../../src/copy/copy-store.ts";
import { sourceOf } from "../../src/copy/source.ts";
import { columns, valuesOf } from "../../src/rows/columns.ts";
import { rowOf } from "../../src/rows/row-of.ts";
import { openClickHouse } from "../../src/store/clickhouse/node.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import { startChdb } from "../engines/servers.ts";
import { exampleRow, exampleRows } from "../example-rows.ts";
import { program } from "../server/built.ts";

test("a row's columns make the row again", () => {
  for (const row of [exampleRow(1), exampleRow(2, { fields: {}, anonymousId: null })]) {
    const values = valuesOf(row);
    expect(
      rowOf(Object.fromEntries(columns.map(({ name }, at) => [name, values[at] ?? null]))),
    ).toEqual(row);
  }
});

test("everything of a DuckDB file gets to ClickHouse, once, also when it is copied again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sendoff-copy-"));
  const engine = await startChdb(join(folder, "engine"));
  const from = await openDuckDb({ file: join(folder, "telemetry.db"), threads: 1 });
  await from.ready;
  await from.write([...exampleRows(1, 12_000), ...exampleRows(12_001, 500, { product: "other" })]);
  const count = async () => (await from.reader?.rows("SELECT count(*) AS n FROM events"))?.[0]?.n;
  await expect.poll(count, { timeout: 20_000 }).toBe(12_500);
  const to = await openClickHouse({ url: engine.url });
  // A copy that was cut off has left some.
  await to.write(exampleRows(100, 300));
  for (let times = 0; times < 2; times += 1) {
    expect(await copyStore(sourceOf(from), to)).toEqual({
      events: 12_500,
      since: 0,
      differing: [],
    });
  }
  // As an operator says it; a store that is open here is locked for others.
  await from.close();
  const told = await execa(process.execPath, [
    ...[program, "copy", "--from", `duckdb:${join(folder, "telemetry.db")}`],
    ...["--to", `clickhouse:${engine.url}`],
  ]);
  expect(told.stdout).toMatch(/\n12500 events are in clickhouse:.*, every day of every product\.$/);
  const again = await openDuckDb({ file: join(folder, "telemetry.db"), threads: 1 });
  for (const column of columns.filter(({ name }) => name !== "fields" && name !== "receivedAt")) {
    const hashed = async (store: typeof from) => {
      const rows = await store.reader?.rows(
        `SELECT ${store.reader.dialect.value(column)} AS c_value FROM ${store.reader.dialect.events}`,
      );
      return rows?.map((row) => String(row.c_value)).sort();
    };
    expect(await hashed(to), column.name).toEqual(await hashed(again));
  }
  await again.close();
  await to.close();
  await engine.kill();
  await rm(folder, { recursive: true });
});
