import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Database } from "../../src/store/duckdb/database.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import { type Store, StoreBusyError } from "../../src/store/store.ts";
import { exampleRows } from "../example-rows.ts";

/** A disk that is full, and mended while the store goes on. */

const MIB = 1024 * 1024;

let folder: string;
let isMounted = false;
let store: Store | undefined;
let closing: (() => Promise<void>) | undefined;
const errors: string[] = [];

const open = async (where = folder) => {
  const opened = await openDuckDb({
    file: join(where, "telemetry.db"),
    threads: 1,
    walSize: 1,
    onError: ({ message }) => errors.push(message),
  });
  await opened.ready;
  return opened;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendoff-disk-"));
  isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "sendoff", folder]).status === 0;
  errors.length = 0;
});
/** Again where the engine has just deleted a file that was to be copied. */
async function copyLive(from: string, to: string): Promise<void> {
  await vi.waitFor(
    async () => {
      await rm(to, { recursive: true, force: true });
      await cp(from, to, { recursive: true });
    },
    { timeout: 20_000 },
  );
}

afterEach(async () => {
  await store?.close();
  store = undefined;
  await closing?.();
  closing = undefined;
  if (isMounted) {
    execFileSync("umount", [folder]);
  }
  await rm(folder, { recursive: true });
});

test("a store on a full disk closes, and the next one has what was answered", async (context) => {
  if (!isMounted) {
    context.skip("needs root, to mount a small disk");
  }
  const ballast = join(folder, "ballast");
  store = await open();
  await store.write(exampleRows(1, 2000));
  await writeFile(ballast, Buffer.alloc(24 * MIB)).catch(() => {});
  await store.close();
  expect(errors.join("\n")).toMatch(/No space left/);
  await rm(ballast);
  store = await open();
  const rows = await store.reader?.rows("SELECT count(*) AS n FROM events");
  expect(rows).toEqual([{ n: 2000 }]);
});

test("a checkpoint that failed on a full disk is forgotten when there is space", async (context) => {
  if (!isMounted) {
    context.skip("needs root, to mount a small disk");
  }
  const database = await Database.open({ file: join(folder, "telemetry.db") });
  closing = () => database.close();
  const fill = (from: number, count: number) =>
    database.write((connection) =>
      connection.run(`INSERT INTO filled SELECT range + ${from}, hash(range) FROM range(${count})`),
    );
  const count = async () => {
    const { connection, release } = await database.reader();
    try {
      const read = await connection.runAndReadAll("SELECT count(*)::INT FROM filled");
      return read.getRows()[0]?.[0];
    } finally {
      release();
    }
  };
  await database.write((connection) =>
    connection.run("CREATE TABLE filled AS SELECT range AS i, hash(range) AS h FROM range(100000)"),
  );
  await database.checkpoint();
  await fill(100_000, 600_000);
  const ballast = join(folder, "ballast");
  await writeFile(ballast, Buffer.alloc(24 * MIB)).catch(() => {});
  await fill(700_000, 10);
  await expect(database.checkpoint()).rejects.toThrow(/has been invalidated/);

  await rm(ballast);
  // Whoever comes first, here one who reads.
  expect(await count()).toBe(700_010);
  await fill(700_010, 10);
  await database.checkpoint();
  expect(await count()).toBe(700_020);
});

test("a full disk is said so, loses nothing that was answered, and is forgotten when it is not", async (context) => {
  if (!isMounted) {
    context.skip("needs root, to mount a small disk");
  }
  const ballast = join(folder, "ballast");
  await writeFile(ballast, Buffer.alloc(16 * MIB));
  store = await open();
  let answered = 0;
  let refusal: unknown;
  const until = Date.now() + 20_000;
  while (!refusal && Date.now() < until) {
    try {
      const { taken } = await store.write(exampleRows(1 + answered, 50));
      answered += taken;
    } catch (error) {
      refusal = error;
    }
  }
  expect(refusal).toBeInstanceOf(StoreBusyError);
  expect((refusal as Error).message).toBe("No space is left for the journal.");
  expect(answered).toBeGreaterThan(1000);
  // The database itself has no space either.
  await expect.poll(() => errors.join("\n"), { timeout: 20_000 }).toMatch(/Could not write file/);
  const segments = () => readdirSync(join(folder, "telemetry.db.journal")).length;
  const before = segments();
  for (let tries = 0; tries < 20; tries += 1) {
    await store.write(exampleRows(100_001, 50)).catch(() => {});
  }
  expect(segments()).toBeLessThanOrEqual(before + 1);

  await rm(ballast);
  const after = await store.write(exampleRows(1 + answered, 50));
  expect(after).toEqual({ taken: 50, repeated: 0, forgotten: 0 });
  answered += 50;
  const count = async () => (await store?.reader?.rows("SELECT count(*) AS n FROM events"))?.[0]?.n;
  await expect.poll(count, { timeout: 20_000 }).toBe(answered);

  // What a kill would leave now: the engine's log has a part that was not written whole.
  const left = await mkdtemp(join(tmpdir(), "sendoff-disk-"));
  await copyLive(folder, left);
  await store.close();
  store = await open(left);
  expect(await count()).toBe(answered);
  await store.close();
  await rm(left, { recursive: true });
}, 60_000);
