import { afterEach, beforeEach, expect, test } from "vitest";
import { createAnswers, SupersededError, TimeLimitError } from "../../src/query/answers.ts";
import { exampleRows } from "../example-rows.ts";
import { makePlace, type Place } from "./place.ts";

let place: Place;
let clock: number;
beforeEach(async () => {
  clock = Date.now();
  place = await makePlace({ now: () => clock, k: 1 });
});
afterEach(() => place.close());

test("an answer is kept for seconds, and after that until rows of its days come", async () => {
  await place.write(exampleRows(0, 100));
  const builds = async () => (await place.json("/query?measure=builds")).rows[0][0];
  const first = await place.json("/query?measure=builds");
  expect(first.rows).toEqual([[100]]);
  await place.write(exampleRows(1000, 20));
  expect(await builds()).toBe(100);
  clock += 11_000;
  const second = await place.json("/query?measure=builds");
  expect(second.rows).toEqual([[120]]);
  expect(Date.parse(second.asOf) - Date.parse(first.asOf)).toBe(11_000);
});

test("nothing new, nothing asked again", async () => {
  let asked = 0;
  const answers = createAnswers({ timeLimitMs: 1000, now: () => clock });
  const ask = () =>
    answers.get("q", { freshMs: 10, stampOf: async () => "same", work: async () => ++asked });
  expect((await ask()).value).toBe(1);
  clock += 1000;
  const later = await ask();
  expect([later.value, later.asOf]).toEqual([1, clock]);
});

test("an answer that took long is kept a thousand times as long, for five minutes at most", async () => {
  let asked = 0;
  const answers = createAnswers({ timeLimitMs: 10_000, now: () => clock });
  const ask = (key: string, tookMs: number) =>
    answers.get(key, {
      freshMs: 10_000,
      stampOf: async () => String(clock),
      work: async () => {
        clock += tookMs;
        return ++asked;
      },
    });
  const keptFor = async (key: string, tookMs: number) => {
    const { value, asOf } = await ask(key, tookMs);
    for (const seconds of [9, 39, 41, 299, 301]) {
      clock = asOf + seconds * 1000;
      if ((await ask(key, tookMs)).value !== value) return seconds;
    }
    return Number.POSITIVE_INFINITY;
  };
  expect(await keptFor("quick", 1)).toBe(39);
  expect(await keptFor("slow", 40)).toBe(41);
  expect(await keptFor("very slow", 9000)).toBe(301);
});

test("after an erasure no answer from before is given out, also of a question under way", async () => {
  let asked = 0;
  const answers = createAnswers({ timeLimitMs: 10_000, now: () => clock });
  const ask = (wait: Promise<unknown>) =>
    answers.get("q", {
      freshMs: 10_000,
      stampOf: async () => String(asked),
      work: async () => {
        asked += 1;
        const value = asked;
        await wait;
        return value;
      },
    });
  const none = Promise.resolve();
  expect([(await ask(none)).value, (await ask(none)).value]).toEqual([1, 1]);
  answers.forget();
  let end = () => {};
  const underWay = ask(new Promise<void>((resolve) => (end = resolve)));
  await expect.poll(() => asked).toBe(2);
  answers.forget();
  const after = ask(none);
  end();
  expect([(await underWay).value, (await after).value]).toEqual([2, 3]);
  expect((await ask(none)).value).toBe(3);
});

/** Minutes of work for the engine. */
const slow =
  "SELECT count(*) AS n FROM range(100000) a, range(100000) b WHERE (a.range * b.range) % 7 = 3";

function engine(options: { timeLimitMs?: number } = {}) {
  const answers = createAnswers({ timeLimitMs: 60_000, now: () => clock, ...options });
  const { reader } = place.store;
  return (key: string, asked: { signal?: AbortSignal; tag?: string; sql?: string } = {}) => {
    const { sql = slow, ...rest } = asked;
    const work = async (signal: AbortSignal) => reader?.rows(sql, {}, signal);
    return answers.get(key, { ...rest, freshMs: 0, stampOf: async () => key, work });
  };
}

test("a question that nobody waits for any more ends in the engine, and makes room", async () => {
  const ask = engine();
  const controller = new AbortController();
  const two = [ask("a", { signal: controller.signal }), ask("b", { signal: controller.signal })];
  const third = ask("c", { sql: "SELECT 1 AS n" });
  controller.abort();
  await Promise.all(two.map((one) => expect(one).rejects.toThrow("aborted")));
  expect((await third).value).toEqual([{ n: 1 }]);
});

test("a newer question of the same tag ends the older", async () => {
  const ask = engine();
  const older = ask("a", { tag: "panel" });
  const newer = ask("b", { tag: "panel", sql: "SELECT 2 AS n" });
  await expect(older).rejects.toBeInstanceOf(SupersededError);
  expect((await newer).value).toEqual([{ n: 2 }]);
});

test("a question has a time limit", async () => {
  const ask = engine({ timeLimitMs: 50 });
  await expect(ask("a")).rejects.toBeInstanceOf(TimeLimitError);
});

test("one of two who ask the same leaves; the other is answered", async () => {
  const ask = engine();
  const sql = "SELECT sum(a.range) AS n FROM range(20000000) a";
  const controller = new AbortController();
  const first = ask("same", { sql, signal: controller.signal });
  const second = ask("same", { sql });
  controller.abort();
  await expect(first).rejects.toThrow("aborted");
  expect((await second).value).toEqual([{ n: 199999990000000 }]);
});
