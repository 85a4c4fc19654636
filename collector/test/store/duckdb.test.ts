import { chmod, cp, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { type ColumnDefinition, columns } from "../../src/rows/columns.ts";
import { Database } from "../../src/store/duckdb/database.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import type { Reader } from "../../src/store/store.ts";
import { exampleHash, exampleId, exampleRow } from "../example-rows.ts";
import { holdsStoreContract } from "../store-contract.ts";

holdsStoreContract({
  name: "DuckDB",
  knowsRepeats: true,
  seenWithinMs: 2000,
  async make() {
    const folder = await mkdtemp(join(tmpdir(), "sendoff-duckdb-"));
    const file = join(folder, "telemetry.db");
    return {
      open: () => openDuckDb({ file, threads: 1 }),
      async breakWrites() {
        // Segments are begun anew after each load.
        await rename(`${file}.journal`, `${file}.away`);
        return () => rename(`${file}.away`, `${file}.journal`);
      },
      remove: () => rm(folder, { recursive: true }),
    };
  },
});

test("of up to eight different values a bit, about so many are counted, within 3 %", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sendoff-duckdb-"));
  const store = await openDuckDb({ file: join(folder, "telemetry.db"), threads: 1 });
  const { reader } = store;
  const most = 4_194_304;
  for (const n of [0, 1, 1000, 300_000, most]) {
    const about = reader?.dialect.aboutDistinct("range", most);
    const rows = await reader?.rows(`SELECT ${about} AS about FROM range(${n})`);
    const found = Number(rows?.[0]?.about);
    expect(Math.abs(found - n), `${found} of ${n}`).toBeLessThanOrEqual(n * 0.03);
  }
  await store.close();
  await rm(folder, { recursive: true });
});

test("a value that no column takes keeps no other event from being loaded", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sendoff-duckdb-"));
  const store = await openDuckDb({ file: join(folder, "telemetry.db"), threads: 1 });
  await store.ready;
  await store.write([
    exampleRow(1),
    exampleRow(2, { build: { duration: 1e300, outputSize: 2 ** 63, modulesCount: 2 ** 53 - 1 } }),
    exampleRow(3, {
      fields: { text: "half \ud83d", whole: "\\ud83d 🚀 \u0000" },
      meta: { agent: "\ude80" },
    }),
    exampleRow(4, { meta: { platform: '{"end":"1:2"}\n' } }),
  ]);
  const field = (name: string) => store.reader?.dialect.field(name, "text");
  const rows = async () =>
    store.reader?.rows(
      `SELECT duration, outputSize, modulesCount, agent, platform, ${field("text")} AS text,
         ${field("whole")} AS whole
       FROM events ORDER BY list_position(:ids, id::VARCHAR)`,
      { ids: [1, 2, 3, 4].map(exampleId) },
    );
  await expect.poll(async () => (await rows())?.length, { timeout: 20_000 }).toBe(4);
  expect(await rows()).toMatchObject([
    { duration: exampleRow(1).build.duration },
    { duration: null, outputSize: null, modulesCount: 2 ** 53 - 1 },
    { text: "half \ufffd", whole: "\\ud83d 🚀 \u0000", agent: "\ufffd" },
    { platform: '{"end":"1:2"}\n' },
  ]);
  await store.close();
  await rm(folder, { recursive: true });
});

test("fields of one name are kept apart by kind and by capitals, and come back as they were", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sendoff-duckdb-"));
  const file = join(folder, "telemetry.db");
  const given = [
    { size: 1, Size: "a", flag: true, features: ["a", "b"], files: { ts: 1, 'odd "key"': "x" } },
    { size: "large", flag: false, features: [], "odd \"name's": 0.1 },
    { SIZE: 2, size: true, features: "none", files: {}, "size:number": 5 },
    { size: ["x"], flag: null, "": 1e-7 },
    {},
  ];
  let store = await openDuckDb({ file, threads: 1 });
  const each = async (sql: string) =>
    (
      await store.reader?.rows(
        `SELECT ${sql} AS value FROM events ORDER BY list_position(:ids, id::VARCHAR)`,
        { ids: given.map((_, i) => exampleId(i + 1)) },
      )
    )?.map(({ value }) => value);
  const isAsGiven = async () => {
    const { dialect } = store.reader as Reader;
    const column = columns.find(({ name }) => name === "fields") as ColumnDefinition;
    const found = (await each(dialect.value(column)))?.map((text) => JSON.parse(String(text)));
    expect(found).toEqual([...given.slice(0, 3), { size: ["x"], "": 1e-7 }, null]);
    expect(await each(dialect.field("size", "number"))).toEqual([1, null, null, null, null]);
    expect(await each(dialect.field("size", "text"))).toEqual([null, "large", null, null, null]);
    expect(await each(dialect.field("size", "boolean"))).toEqual([null, null, true, null, null]);
    expect(await each(dialect.field("SIZE", "number"))).toEqual([null, null, 2, null, null]);
    expect(await each(dialect.field("Size", "text"))).toEqual(["a", null, null, null, null]);
    expect(await each(dialect.field("size:number", "number"))).toEqual([null, null, 5, null, null]);
    expect(await each(dialect.field("files", "number", "ts"))).toEqual([1, null, null, null, null]);
    expect(await each(dialect.field("nobody's", "number"))).toEqual(given.map(() => null));
    const is = [true, false, false, false, false];
    expect(await each(dialect.has("features", "list", "'b'"))).toEqual(is);
    expect(await each(dialect.has("files", "map", "'ts'"))).toEqual(is);
    const items = await store.reader?.rows(
      `SELECT ${dialect.items("features")} AS item FROM events ORDER BY item`,
    );
    expect(items).toEqual([{ item: "a" }, { item: "b" }]);
  };

  await store.ready;
  // Each has columns that those before it had not.
  for (const [i, fields] of given.entries()) {
    await store.write([exampleRow(i + 1, { fields })]);
    await expect.poll(() => each("1"), { timeout: 20_000 }).toHaveLength(i + 1);
  }
  await isAsGiven();
  await store.close();
  store = await openDuckDb({ file, threads: 1 });
  await isAsGiven();
  await store.ready;
  // Into a new file.
  const now = new Date();
  await store.write([
    exampleRow(6, { anonymousId: exampleHash("to be erased"), fields: { new: 1 } }),
  ]);
  await store.erase(exampleHash("to be erased"), now);
  await store.maintain(new Date(now.getTime() + 11 * 60_000));
  await isAsGiven();
  await store.close();
  await rm(folder, { recursive: true });
});

test("a journal that was left behind is loaded with fields that no column was there for", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sendoff-duckdb-"));
  const file = join(folder, "telemetry.db");
  const other = join(folder, "other.db");
  let store = await openDuckDb({ file, threads: 1 });
  await store.ready;
  await store.write([exampleRow(1, { fields: { size: 1 } }), exampleRow(2, { fields: {} })]);
  // As a kill leaves it.
  await cp(`${file}.journal`, `${other}.journal`, { recursive: true });
  await store.close();
  store = await openDuckDb({ file: other, threads: 1 });
  await store.ready;
  await store.write([exampleRow(3, { fields: { size: 2 } })]);
  const size = () => store.reader?.dialect.field("size", "number");
  const sizes = async () => {
    const rows = await store.reader?.rows(`SELECT ${size()} AS size FROM events ORDER BY size`);
    return rows?.map((row) => row.size);
  };
  await expect.poll(sizes, { timeout: 20_000 }).toEqual([1, 2, null]);
  await store.close();
  await rm(folder, { recursive: true });
});

test("a query that goes on keeps no journal from being emptied, and no error is told", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sendoff-duckdb-"));
  const file = join(folder, "telemetry.db");
  const errors: Error[] = [];
  // Every load is followed by a checkpoint.
  const store = await openDuckDb({ file, walSize: 0, onError: (error) => errors.push(error) });
  await store.ready;
  const events = store.reader as NonNullable<typeof store.reader>;
  const has = (id: string) => events.rows("SELECT id FROM events WHERE id = :id::UUID", { id });
  const journal = async () => (await readdir(`${file}.journal`)).length;
  const write = async (from: number) => {
    await store.write(Array.from({ length: 5000 }, (_, i) => exampleRow(from + i)));
    const last = exampleId(from + 4999);
    await expect.poll(() => has(last), { timeout: 20_000 }).toHaveLength(1);
  };
  const reading = async () => {
    const rows = events.stream("SELECT * FROM events")[Symbol.asyncIterator]();
    await rows.next();
    return rows;
  };
  await write(1);
  await expect.poll(journal, { timeout: 20_000 }).toBe(0);

  const rows = await reading();
  await write(5001);
  await expect.poll(journal, { timeout: 20_000 }).toBe(0);
  await store.erase(exampleRow(1).anonymousId as string, new Date());
  await write(10_001);
  await expect.poll(journal, { timeout: 20_000 }).toBe(0);
  await rows.return?.();
  expect(errors).toEqual([]);
  await store.close();
  await rm(folder, { recursive: true });
});

test("a query has the threads that are set, and a load without one has a single one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sendoff-duckdb-"));
  const database = await Database.open({ file: join(folder, "telemetry.db"), threads: 3 });
  const threads = async (connection: DuckDBConnection) => {
    const result = await connection.runAndReadAll("SELECT current_setting('threads')");
    return Number(result.getRowsJS()[0]?.[0]);
  };
  expect(await database.write(threads)).toBe(1);
  // Whoever reads beside a load waits for none.
  const readers = await Promise.all([database.reader(), database.reader()]);
  for (const { connection } of readers) expect(await threads(connection)).toBe(3);
  expect(await database.write(threads)).toBe(3);
  for (const { release } of readers) release();
  expect(await database.write(threads)).toBe(1);
  await database.close();
  await rm(folder, { recursive: true });
});

test.skipIf(!process.getuid)("a file of another user is said to be so", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sendoff-duckdb-"));
  const file = join(folder, "telemetry.db");
  await (await Database.open({ file })).close();
  await chmod(folder, 0o777);
  await chmod(file, 0o000);
  const isRoot = process.getuid?.() === 0;
  // Root may open anything.
  if (isRoot) process.seteuid?.(65_534);
  try {
    await expect(Database.open({ file })).rejects.toThrow(
      `${file} is another user's: run this as the user whose it is, or name another file.`,
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
    await rm(folder, { recursive: true });
  }
});
