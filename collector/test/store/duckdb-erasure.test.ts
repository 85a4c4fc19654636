import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import type { Store } from "../../src/store/store.ts";
import { exampleHash, exampleRows } from "../example-rows.ts";

/** The bytes of what was erased are in no file after the rewrite. */

const MINUTE_MS = 60_000;
/** Of no two letters that come again: the engine would put one sign in their place. */
const MARK = randomBytes(48).toString("base64url");

let folder: string;
let store: Store;

const open = async () => {
  const opened = await openDuckDb({ file: join(folder, "telemetry.db"), threads: 1 });
  await opened.ready;
  return opened;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendoff-erasure-"));
  store = await open();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const marked = { anonymousId: exampleHash("to be erased"), fields: { note: MARK } };

async function filesWith(text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    files.map(async (file) => ({ file, bytes: await readFile(file) })),
  );
  return contents.filter(({ bytes }) => bytes.includes(text)).map(({ file }) => file);
}

async function count(): Promise<unknown> {
  const rows = await store.reader?.rows(
    "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM events",
  );
  return rows?.[0];
}

test("a marker written with an id is in no file after the rewrite", async () => {
  // Some of it in the file, some in the engine's log, some in the journal.
  await store.write([...exampleRows(1, 3000), ...exampleRows(3001, 50, marked)]);
  await store.close();
  store = await open();
  // Compression hides nothing of it.
  expect(await filesWith(MARK)).toEqual([join(folder, "telemetry.db")]);
  await store.write(exampleRows(4000, 50, marked));

  const now = new Date();
  const { goneBy } = await store.erase(marked.anonymousId, now);
  expect(await count()).toEqual({ n: 3000, ids: 3000 });
  expect(await filesWith(MARK)).not.toEqual([]);

  // Not at once: erasures of ten minutes are rewritten together.
  await store.maintain(new Date(now.getTime() + 5 * MINUTE_MS));
  expect(await filesWith(MARK)).not.toEqual([]);
  const later = new Date(now.getTime() + 11 * MINUTE_MS);
  expect(later.getTime()).toBeLessThan((goneBy as Date).getTime());
  await store.maintain(later);
  expect(await filesWith(MARK)).toEqual([]);
  expect(await count()).toEqual({ n: 3000, ids: 3000 });
  expect(await readdir(folder)).toEqual(["telemetry.db", "telemetry.db.journal"]);
});

test("an erasure that no process has lived to rewrite is rewritten by the next", async () => {
  await store.write([...exampleRows(1, 3000), ...exampleRows(3001, 50, marked)]);
  await store.close();
  store = await open();
  const now = new Date();
  await store.erase(marked.anonymousId, now);
  await store.close();
  store = await open();
  expect(await filesWith(MARK)).not.toEqual([]);
  await store.maintain(new Date(now.getTime() + 11 * MINUTE_MS));
  expect(await filesWith(MARK)).toEqual([]);
  expect(await store.write(exampleRows(3001, 1, marked))).toMatchObject({ forgotten: 1 });
});

test("writes and reads go on during the rewrite, and nothing of them is lost", async () => {
  await store.write([...exampleRows(1, 20_000), ...exampleRows(20_001, 50, marked)]);
  const now = new Date();
  await store.erase(marked.anonymousId, now);
  let isOver = false;
  const rewrite = store.maintain(new Date(now.getTime() + 11 * MINUTE_MS)).finally(() => {
    isOver = true;
  });
  let [written, reads] = [0, 0];
  const write = async () => {
    while (!isOver) {
      const { taken } = await store.write(exampleRows(30_000 + written, 10));
      written += taken;
    }
  };
  const read = async () => {
    while (!isOver) {
      expect((await count()) as { n: number }).toMatchObject({ n: expect.any(Number) });
      reads += 1;
    }
  };
  await Promise.all([rewrite, write(), read()]);
  expect(written).toBeGreaterThan(0);
  expect(reads).toBeGreaterThan(0);
  await store.close();
  store = await open();
  expect(await count()).toEqual({ n: 20_000 + written, ids: 20_000 + written });
  expect(await filesWith(MARK)).toEqual([]);
});

test("a second collector on the same file is told so", async () => {
  await expect(open()).rejects.toThrow(/telemetry.db is open in another collector/);
});
