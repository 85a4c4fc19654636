import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openClickHouse } from "../../src/store/clickhouse/node.ts";
import { SERVER, startChdb, startServer } from "../engines/servers.ts";
import { exampleHash, exampleRows } from "../example-rows.ts";

/** The bytes of what was erased are in no file of the engine once its old parts are gone. */

// Not compressible, or it would be a reference to itself in some parts.
const MARK = "Zk3vQ9xT7mWc2RbL8nHy";
const MINUTE_MS = 60_000;

const under = [
  { name: "chdb", start: startChdb, isThere: true },
  { name: "server", start: startServer, isThere: SERVER !== undefined },
];

describe.each(under)("ClickHouse ($name)", ({ start, isThere }) => {
  test.runIf(isThere)(
    "a marker written with an id is in no file after the rows are deleted",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "sendoff-clickhouse-erasure-"));
      const engine = await start(folder);
      onTestFinished(async () => {
        await engine.kill();
        await rm(folder, { recursive: true, force: true });
      });
      await engine.run("CREATE DATABASE erasure");
      const store = await openClickHouse({ url: engine.url, database: "erasure" });
      if (start === startChdb) {
        // By itself the engine keeps replaced parts for eight minutes; Debian's has it in its file.
        await engine.run("ALTER TABLE erasure.events MODIFY SETTING old_parts_lifetime = 1");
      }
      const marked = { anonymousId: exampleHash("to be erased"), fields: { note: MARK } };
      await store.write([...exampleRows(1, 300), ...exampleRows(3001, 30, marked)]);
      await store.write(exampleRows(4001, 5, marked));
      expect(await filesWith(folder, MARK)).not.toEqual([]);

      const now = Date.now();
      const { goneBy } = await store.erase(marked.anonymousId, new Date(now));
      expect((goneBy as Date).getTime()).toBeLessThanOrEqual(now + 24 * 60 * MINUTE_MS);
      await store.maintain(new Date(now + 11 * MINUTE_MS));
      await expect
        .poll(() => filesWith(folder, MARK), { timeout: 60_000, interval: 500 })
        .toEqual([]);
      const rows = await store.reader?.rows(
        `SELECT count(*) AS n FROM ${store.reader.dialect.events}`,
      );
      expect(rows).toEqual([{ n: 300 }]);
      await store.close();
    },
    120_000,
  );
});

async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    // The engine takes parts away meanwhile.
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    if (bytes.includes(text)) found.push(file.slice(folder.length));
  }
  return found;
}
