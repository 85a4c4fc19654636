import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { columns, valuesOf } from "../src/rows/columns.ts";
import type { EventRow } from "../src/rows/row.ts";
import { type Reader, type Store, StoreBusyError } from "../src/store/store.ts";
import { exampleHash, exampleRow, exampleRows } from "./example-rows.ts";

/** What a store does to be held to the contract. */
export interface StoreUnderTest {
  name: string;
  /** Makes an empty place for one test; called before each. */
  make(): Promise<Place>;
  /**
   * Whether `write` tells what is a repeat. Where several collectors write to one place none knows;
   * there a repeat collapses when it is read.
   */
  knowsRepeats: boolean;
  /** An event can be queried so many milliseconds after its answer, at the latest. */
  seenWithinMs: number;
  /** A statement that takes hours, where the usual one isn't taken. */
  endless?: string;
}

interface Place {
  /** Opens what is there. */
  open(): Promise<Store>;
  /** Makes every write fail until what it returns is called. */
  breakWrites(): Promise<() => Promise<void>>;
  remove(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** The promises of `Store`, on a real one. */
export function holdsStoreContract(under: StoreUnderTest): void {
  describe(`${under.name} keeps the store's promises`, () => {
    let place: Place;
    let store: Store;

    beforeEach(async () => {
      place = await under.make();
      store = await opened(place);
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    const count = async () => Number((await read(store, "count(*)"))[0]);

    /** Waits until all that was answered can be queried, as long as the store may take. */
    async function seen(rows: number): Promise<void> {
      const until = Date.now() + under.seenWithinMs;
      while ((await count()) !== rows && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await count()).toBe(rows);
    }

    test("what it was given it returns, every column", async () => {
      const rows = [
        ...exampleRows(1, 20),
        exampleRow(21, { fields: {}, anonymousId: null, projectHash: null, place: "none" }),
        exampleRow(22, { sampleRate: 0.25, firstOfDay: true, firstOfWeek: false, place: "ci" }),
        exampleRow(23, {
          build: { outputSize: 2 ** 40 },
          fields: { list: ["a", "b"], map: { a: 1 } },
        }),
      ];
      expect(await store.write(rows)).toEqual({ taken: 23, repeated: 0, forgotten: 0 });
      await seen(23);
      const { dialect } = reader(store);
      const returned = await reader(store).rows(
        `SELECT ${columns.map((column) => `${dialect.value(column)} AS c_${column.name}`).join(", ")}
         FROM ${dialect.events}`,
      );
      const values = returned.map((row) => columns.map(({ name }) => row[`c_${name}`]));
      expect(sorted(values.map(comparable))).toEqual(sorted(rows.map(valuesOf).map(comparable)));
    });

    test("an id that was taken is not counted again, in one write, later, or after a start", async () => {
      const rows = exampleRows(1, 30);
      tells(await store.write([...rows, ...rows]), 30, 30);
      tells(await store.write(rows.slice(0, 10)), 0, 10);
      await seen(30);
      await store.close();
      store = await opened(place);
      tells(await store.write([...rows, exampleRow(31)]), 1, 30);
      await seen(31);
    });

    function tells(result: object, taken: number, repeated: number): void {
      const known = { taken, repeated, forgotten: 0 };
      const unknown = { taken: taken + repeated, repeated: 0, forgotten: 0 };
      expect(result).toEqual(under.knowsRepeats ? known : unknown);
    }

    test("concurrent repeats are counted once, and all are answered", async () => {
      const writes = Array.from({ length: 40 }, (_, at) =>
        store.write(exampleRows(1 + (at % 4), 5)),
      );
      const results = await Promise.all(writes);
      const sum = (of: "taken" | "repeated") =>
        results.reduce((all, result) => all + result[of], 0);
      expect(sum("taken") + sum("repeated")).toBe(200);
      if (under.knowsRepeats) {
        expect(sum("taken")).toBe(8);
      }
      await seen(8);
    });

    test("of a write that failed nothing is kept, and its repeat is taken", async () => {
      await store.write(exampleRows(1, 3));
      await seen(3);
      const mend = await place.breakWrites();
      const failing = [store.write(exampleRows(4, 5)), store.write(exampleRows(4, 5))];
      for (const result of await Promise.allSettled(failing)) {
        expect(result).toMatchObject({ status: "rejected", reason: { name: "StoreBusyError" } });
        expect((result as PromiseRejectedResult).reason.retryAfterSeconds).toBeGreaterThan(0);
      }
      await mend();
      tells(await store.write(exampleRows(4, 5)), 5, 0);
      await seen(8);
    });

    test("an erased installation is in no answer, and a late retry doesn't bring it back", async () => {
      const rows = exampleRows(1, 100);
      const erased = (rows[0] as EventRow).anonymousId as string;
      const others = rows.filter(({ anonymousId }) => anonymousId !== erased);
      await store.write(rows);
      const now = new Date();
      const { goneBy } = await store.erase(erased, now);
      expect((goneBy as Date).getTime()).toBeLessThanOrEqual(now.getTime() + DAY_MS);
      expect(await count()).toBeLessThanOrEqual(others.length);
      await seen(others.length);
      expect(await store.write(rows.slice(0, 1))).toEqual({ taken: 0, repeated: 0, forgotten: 1 });
      const late = exampleRow(101, { anonymousId: erased });
      expect(await store.write([late])).toEqual({ taken: 0, repeated: 0, forgotten: 1 });
      // Once more: a client that saw no answer repeats it.
      await store.erase(erased, new Date());
      await store.close();
      store = await opened(place);
      expect(await store.write([late])).toEqual({ taken: 0, repeated: 0, forgotten: 1 });
      await store.write([exampleRow(102, { anonymousId: exampleHash("somebody else") })]);
      await seen(others.length + 1);
    });

    test("an erasure while its events come in leaves none of them", async () => {
      const anonymousId = exampleHash("leaves");
      const writes: Promise<unknown>[] = [];
      let erasure: Promise<unknown> | undefined;
      for (let at = 0; at < 40; at += 1) {
        writes.push(store.write(exampleRows(at * 10, 10, { anonymousId })));
        if (at === 20) {
          erasure = store.erase(anonymousId, new Date());
        }
        await new Promise(setImmediate);
      }
      await Promise.all([...writes, erasure]);
      expect(await count()).toBe(0);
      await store.close();
      store = await opened(place);
      expect(await count()).toBe(0);
    });

    test("events that no setting keeps any longer are deleted", async () => {
      const now = Date.now();
      await store.write([
        ...exampleRows(1, 5, { timestamp: now - 200 * DAY_MS }),
        ...exampleRows(6, 5, { timestamp: now - 20 * DAY_MS }),
        ...exampleRows(11, 5),
      ]);
      await seen(15);
      await store.maintain(new Date(now));
      expect(await count()).toBe(10);
      await store.maintain(new Date(now));
      expect(await count()).toBe(10);
    });

    test("closing writes what was answered; closed, it takes nothing", async () => {
      await store.write(exampleRows(1, 500));
      await store.close();
      await store.close();
      await expect(store.write(exampleRows(501, 1))).rejects.toBeInstanceOf(StoreBusyError);
      store = await opened(place);
      expect(await count()).toBe(500);
    });
  });

  describe(`${under.name} reads`, () => {
    let place: Place;
    let store: Store;
    const rows = exampleRows(1, 5000);

    beforeAll(async () => {
      place = await under.make();
      store = await opened(place);
      await store.write(rows);
      await store.close();
      store = await opened(place);
    });
    afterAll(async () => {
      await store?.close();
      await place?.remove();
    });

    test("what every function of its dialect says", async () => {
      const { dialect } = reader(store);
      const durations = rows.map(({ build }) => build.duration as number).sort((a, b) => a - b);
      const failures = rows.filter(({ build }) => !build.success);
      expect(
        await read(
          store,
          dialect.distinct("anonymousId"),
          dialect.countIf("success = false"),
          dialect.sumIf("duration", "success = false"),
          dialect.sumIf("duration", "duration < 0"),
          dialect.countIf(`${dialect.field("isNew", "boolean")} = true`),
          `sum(${dialect.field("toolsCount", "number")})`,
          `min(${dialect.field("odd name", "text")})`,
          `count(${dialect.field("absent", "text")})`,
          `count(${dialect.field("odd name", "number")})`,
        ),
      ).toEqual([
        50,
        failures.length,
        failures.reduce((sum, { build }) => sum + (build.duration as number), 0),
        0,
        2500,
        rows.reduce((sum, { fields }) => sum + (fields.toolsCount as number), 0),
        "text ' 0",
        0,
        0,
      ]);
      for (const share of [0.5, 0.75, 0.95, 0.99]) {
        const [value] = await read(store, dialect.quantile("duration", share));
        expect(durations).toContain(value);
        const below = durations.filter((duration) => duration < (value as number)).length;
        const upTo = durations.filter((duration) => duration <= (value as number)).length;
        expect(below / rows.length).toBeLessThanOrEqual(share);
        expect(upTo / rows.length).toBeGreaterThanOrEqual(share - 1 / rows.length);
      }
      const [about, none, atLeast, few] = await read(
        store,
        dialect.aboutDistinct("id", 5000),
        dialect.aboutDistinct("firstOfDay", 5000),
        dialect.distinctAtLeast("anonymousId"),
        dialect.distinctAtLeast("firstOfDay"),
      );
      expect(Math.abs((about as number) - 5000) / 5000).toBeLessThan(0.03);
      expect([none, few]).toEqual([0, 0]);
      const ids = new Set(rows.map(({ anonymousId }) => anonymousId)).size;
      expect(atLeast).toBeGreaterThan(0);
      expect(atLeast).toBeLessThanOrEqual(ids);
    });

    test("bits of groups are those of all together, as many as ids at most", async () => {
      const { dialect } = reader(store);
      const bitsOf = async (condition: string) => {
        const bits = dialect.bits(`CASE WHEN ${condition} THEN anonymousId END`);
        return BigInt(String((await read(store, bits))[0]));
      };
      const all = await bitsOf("1 = 1");
      const set = [...all.toString(2)].filter((bit) => bit === "1").length;
      const ids = new Set(rows.map(({ anonymousId }) => anonymousId)).size;
      expect(set).toBeGreaterThan(ids / 3);
      expect(set).toBeLessThanOrEqual(ids);
      const [done, failed] = [await bitsOf("success = true"), await bitsOf("success = false")];
      expect(done | failed).toBe(all);
      expect(await bitsOf("1 = 0")).toBe(0n);
    });

    test("the first day of a week and of a month", async () => {
      const { dialect } = reader(store);
      const [first] = rows;
      const day = new Date(`${first?.day}T00:00:00Z`);
      const monday = new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * DAY_MS);
      const [row] = await reader(store).rows(
        `SELECT day AS d, ${dialect.startOf("week", "day")} AS w, ${dialect.startOf("month", "day")} AS m
         FROM ${dialect.events} WHERE id = :id`,
        { id: first?.id as string },
      );
      expect(row).toEqual({
        d: first?.day,
        w: monday.toISOString().slice(0, 10),
        m: `${first?.day.slice(0, 7)}-01`,
      });
    });

    test("with parameters of every type, and texts that look like marks", async () => {
      const [row] = await reader(store).rows(
        `SELECT count(*) AS n, min(':quoted ''mark') AS text FROM ${reader(store).dialect.events}
         WHERE platform IN :platforms AND duration >= :least AND success = :success
           AND product = :product AND day <= :day AND (errorType = :nothing OR 1 = 1)`,
        {
          platforms: ["linux", "it's"],
          least: 5000,
          success: true,
          product: "acme",
          day: new Date().toISOString().slice(0, 10),
          nothing: null,
        },
      );
      const expected = rows.filter(
        ({ meta, build }) =>
          meta.platform === "linux" && (build.duration as number) >= 5000 && build.success,
      );
      expect(row).toEqual({ n: expected.length, text: ":quoted 'mark" });
    });

    test("in pieces", async () => {
      const ids = new Set<unknown>();
      let pieces = 0;
      const { dialect } = reader(store);
      for await (const some of reader(store).stream(`SELECT id FROM ${dialect.events}`)) {
        pieces += 1;
        for (const { id } of some) {
          ids.add(id);
        }
      }
      expect(pieces).toBeGreaterThan(1);
      expect(ids).toEqual(new Set(rows.map(({ id }) => id)));
    });

    test("nothing further once its signal says so", async () => {
      const abort = new AbortController();
      const { events } = reader(store).dialect;
      const endless = reader(store).rows(
        under.endless ??
          `SELECT count(*) AS n FROM ${events} AS a, ${events} AS b, ${events} AS c
           WHERE a.duration + b.duration + c.duration = -1`,
        {},
        abort.signal,
      );
      setTimeout(() => abort.abort(), 200);
      await expect(endless).rejects.toMatchObject({ name: "AbortError" });
      expect(await read(store, "count(*)")).toEqual([5000]);
    });

    test("a statement that is wrong is an error, and the next one works", async () => {
      await expect(reader(store).rows("SELECT nothing_there FROM events")).rejects.toThrow(
        /nothing_there/,
      );
      await expect(reader(store).rows("SELECT :missing AS x", {})).rejects.toThrow(/:missing/);
      expect(await read(store, "count(*)")).toEqual([5000]);
    });
  });
}

async function opened(place: Place): Promise<Store> {
  const store = await place.open();
  await store.ready;
  return store;
}

function reader(store: Store): Reader {
  if (!store.reader) {
    throw new Error(`${store.name} has no reader.`);
  }
  return store.reader;
}

/** One row's values. */
async function read(store: Store, ...expressions: string[]): Promise<unknown[]> {
  const selected = expressions.map((expression, index) => `${expression} AS e${index}`);
  const [row] = await reader(store).rows(
    `SELECT ${selected.join(", ")} FROM ${reader(store).dialect.events}`,
  );
  return expressions.map((_, index) => row?.[`e${index}`]);
}

/** Engines write JSON in their own ways. */
function comparable(values: unknown[]): unknown[] {
  const fields = values.at(-1);
  return [...values.slice(0, -1), typeof fields === "string" ? JSON.parse(fields) : fields];
}

function sorted(rows: unknown[][]): unknown[][] {
  return rows.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}
