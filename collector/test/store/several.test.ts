import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import { openPosthog } from "../../src/store/posthog/store.ts";
import { severalStores } from "../../src/store/several.ts";
import type { Store } from "../../src/store/store.ts";
import { exampleHash, exampleRows } from "../example-rows.ts";

async function count(store: Store): Promise<unknown> {
  const [row] = (await store.reader?.rows("SELECT count(*) AS n FROM events")) ?? [];
  return row?.n;
}

test("every store has every event; the first that can be asked is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sendoff-several-"));
  const first = await openDuckDb({ file: join(folder, "first.db"), threads: 1 });
  const second = await openDuckDb({ file: join(folder, "second.db"), threads: 1 });
  const posthog = await openPosthog({
    // Nobody listens there.
    host: "http://127.0.0.1:9",
    apiKey: "phc_key",
    folder: join(folder, "queue"),
  });
  const store = severalStores([posthog, first, second]);
  await store.ready;
  expect(store.reader).toBe(first.reader);
  expect(await store.write(exampleRows(1, 10))).toEqual({ taken: 10, repeated: 0, forgotten: 0 });
  expect(await store.write(exampleRows(1, 11))).toEqual({ taken: 1, repeated: 10, forgotten: 0 });
  await expect.poll(() => count(store), { timeout: 20_000 }).toBe(11);
  await expect.poll(() => count(second), { timeout: 20_000 }).toBe(11);

  // One of them takes no more: the client comes again, and finds the others with repeats.
  await second.close();
  await expect(store.write(exampleRows(12, 1))).rejects.toMatchObject({ name: "StoreBusyError" });
  const working = severalStores([first, posthog]);
  expect(await working.write(exampleRows(12, 1))).toEqual({ taken: 0, repeated: 1, forgotten: 0 });

  expect(await working.erase(exampleHash("installation 1"), new Date())).toEqual({ goneBy: null });
  expect(await count(first)).toBe(11);
  await working.maintain(new Date());
  await working.close();
  await rm(folder, { recursive: true });
});
