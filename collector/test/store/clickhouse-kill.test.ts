import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRandom } from "../../src/demo/random.ts";
import { openClickHouse } from "../../src/store/clickhouse/node.ts";
import { SERVER, startChdb, startServer } from "../engines/servers.ts";
import { exampleHash, exampleId, exampleRows } from "../example-rows.ts";

/**
 * The engine is killed again and again while a collector writes to it, and started on the same
 * files. `KILLS=200` for the long form; `KILLS_SEED` repeats a run.
 */
const kills = Number(process.env.KILLS ?? 20);
const seed = Number(process.env.KILLS_SEED ?? Date.now() % 2 ** 31);

const LONGEST_MS = 1000;
const WRITERS = 8;

for (const [name, start] of [
  ["chdb", startChdb],
  ["the server", startServer],
] as const) {
  test(
    `what was answered is there after each of ${kills} kills of ${name}, once`,
    async (context) => {
      if (start === startServer && !SERVER) {
        context.skip("No clickhouse-server: apt-get install clickhouse-server");
      }
      const random = createRandom(seed);
      const folder = await mkdtemp(join(tmpdir(), "sendoff-kill-"));
      const engine = await start(folder);
      const store = await openClickHouse({ url: engine.url });
      const answered = new Set<string>();
      let refused = 0;
      let next = 1;

      for (let round = 1; round <= kills; round += 1) {
        let isKilled = false;
        const write = async () => {
          while (!isKilled) {
            const count = 1 + (next % 20);
            const rows = exampleRows(next, count);
            next += count;
            try {
              await store.write([...rows, ...rows]);
              for (const { id } of rows) {
                answered.add(id);
              }
            } catch (error) {
              expect(error).toMatchObject({ name: "StoreBusyError" });
              refused += 1;
            }
          }
        };
        const writers = Array.from({ length: WRITERS }, write);
        const afterMs = random.integer(LONGEST_MS);
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        await engine.kill();
        isKilled = true;
        await Promise.all(writers);
        await engine.start();

        const { dialect } = store.reader as NonNullable<typeof store.reader>;
        const rows =
          (await store.reader?.rows(`SELECT toString(id) AS id FROM ${dialect.events}`)) ?? [];
        const stored = new Set(rows.map(({ id }) => id));
        const says = `round ${round} of KILLS_SEED=${seed}, killed after ${afterMs} ms`;
        expect(rows.length, says).toBe(stored.size);
        expect(
          [...answered].filter((id) => !stored.has(id)),
          says,
        ).toEqual([]);
      }
      expect(answered.size).toBeGreaterThan(kills * 10);

      // What was erased stays away, too.
      await store.erase(exampleHash("installation 1"), new Date());
      await engine.kill();
      await engine.start();
      const [left] = (await store.reader?.rows(
        `SELECT count(*) AS n FROM ${store.reader.dialect.events} WHERE id = :id`,
        { id: exampleId(1) },
      )) ?? [{}];
      expect(left?.n).toBe(0);
      await store.close();
      await engine.kill();
      await rm(folder, { recursive: true });
      console.log(
        `${kills} kills of ${name}: ${answered.size} events answered, none lost, none twice; ${refused} writes refused (KILLS_SEED=${seed})`,
      );
    },
    60_000 + kills * 20_000,
  );
}
