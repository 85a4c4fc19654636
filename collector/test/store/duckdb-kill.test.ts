import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRandom } from "../../src/demo/random.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import { bundled } from "../bundled.ts";
import { exampleId, exampleRows } from "../example-rows.ts";

/**
 * A process that writes to one store is killed again and again, some of the times while it loads,
 * checkpoints, or rewrites the file. `KILLS=200` for CI's long form; `KILLS_SEED` repeats a run.
 */
const kills = Number(process.env.KILLS ?? 20);
const seed = Number(process.env.KILLS_SEED ?? Date.now() % 2 ** 31);

const LONGEST_MS = 1500;
/** What was stored before a kill and not answered must not come again as new. */
const A_ROUNDS_NUMBERS = 1_000_000;
const MOMENTS = ["", "loads", "loads", "rewrites"];

let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendoff-kill-"));
  program = await bundled(new URL("../fixtures/writing-collector.ts", import.meta.url));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(program);
});

test(
  `what was answered is there after each of ${kills} kills, once`,
  async () => {
    const random = createRandom(seed);
    const file = join(folder, "telemetry.db");
    let answered = 0;
    for (let round = 1; round <= kills; round += 1) {
      const busyWith = MOMENTS[round % MOMENTS.length] as string;
      const product = `round-${round}`;
      const after = random.integer(LONGEST_MS);
      const says = `round ${round} of KILLS_SEED=${seed}, killed after ${after} ms`;
      const lines = await killed(
        [file, product, String(round * A_ROUNDS_NUMBERS), busyWith],
        after,
      );

      const store = await openDuckDb({ file, threads: 1 });
      await store.ready;
      const read = async (sql: string) => (await store.reader?.rows(sql, { product })) ?? [];
      const rows = await read("SELECT id FROM events WHERE product = :product");
      const stored = new Set(rows.map(({ id }) => id));
      expect(rows.length, says).toBe(stored.size);
      let last: [number, number] | undefined;
      for (const [from, count] of lines) {
        for (let number = from; number < from + count; number += 1) {
          expect(stored.has(exampleId(number)), `event ${number}, ${says}`).toBe(true);
        }
        answered += count;
        last = [from, count];
      }
      if (last) {
        // What was answered before the kill is known after it.
        const again = await store.write(exampleRows(...last, { product }));
        expect(again, says).toEqual({ taken: 0, repeated: last[1], forgotten: 0 });
      }
      const [all] = await read("SELECT count(*) AS n, count(DISTINCT id) AS ids FROM events");
      expect(all?.n, says).toBe(all?.ids);
      expect(all?.n, says).toBeGreaterThanOrEqual(answered);
      await store.close();
    }
    expect(answered).toBeGreaterThan(kills * 10);
    console.log(
      `${kills} kills, ${answered} events answered, none lost, none twice (KILLS_SEED=${seed})`,
    );
  },
  60_000 + kills * 10_000,
);

/** @returns what it said it was answered for until then. */
async function killed(args: string[], afterMs: number): Promise<[number, number][]> {
  const child = execa(process.execPath, [program, ...args], {
    reject: false,
    buffer: { stdout: false },
  });
  const lines: [number, number][] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "ready") {
      setTimeout(() => child.kill("SIGKILL"), afterMs);
    } else {
      lines.push(line.split(" ").map(Number) as [number, number]);
    }
  }
  const { stderr, signal } = await child;
  expect(stderr).toBe("");
  expect(signal).toBe("SIGKILL");
  return lines;
}
