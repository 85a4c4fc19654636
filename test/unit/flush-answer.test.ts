import { expect, test } from "vitest";
import { describeAnswer, meaningOf } from "../../src/flush/answer.ts";
import { parseRetryAfter } from "../../src/sink/http.ts";
import type { Answer } from "../../src/sink/index.ts";

test.each<[answer: Answer, meaning: string]>([
  [{ status: 200 }, "done"],
  [{ status: 202 }, "done"],
  [{ status: 204 }, "done"],
  [{ status: 299 }, "done"],
  [{ failure: "ECONNREFUSED" }, "retry"],
  [{ failure: "ETIMEDOUT" }, "retry"],
  [{ failure: "CERT_HAS_EXPIRED" }, "retry"],
  [{ status: 408 }, "retry"],
  [{ status: 429 }, "retry"],
  [{ status: 500 }, "retry"],
  [{ status: 502 }, "retry"],
  [{ status: 503 }, "retry"],
  [{ status: 599 }, "retry"],
  [{ status: 429, retryAfterMs: 0 }, "retry"],
  [{ status: 503, retryAfterMs: 1000 }, "retry"],
  [{ status: 503, retryAfterMs: 1001 }, "wait"],
  [{ status: 429, retryAfterMs: 60_000 }, "wait"],
  [{ status: 413 }, "split"],
  [{ status: 413, retryAfterMs: 60_000 }, "split"],
  [{ status: 400 }, "drop"],
  [{ status: 415 }, "drop"],
  [{ status: 422 }, "drop"],
  [{ status: 410 }, "stop"],
  [{ status: 0 }, "wait"],
  [{ status: 101 }, "wait"],
  [{ status: 301 }, "wait"],
  [{ status: 302 }, "wait"],
  [{ status: 304 }, "wait"],
  [{ status: 307 }, "wait"],
  [{ status: 401 }, "wait"],
  [{ status: 402 }, "wait"],
  [{ status: 403 }, "wait"],
  [{ status: 404 }, "wait"],
  [{ status: 405 }, "wait"],
  [{ status: 407 }, "wait"],
  [{ status: 451 }, "wait"],
])("%j means %s", (answer, meaning) => {
  expect(meaningOf(answer)).toBe(meaning);
});

test("an answer is told by its status, a failure by its code", () => {
  expect(describeAnswer({ status: 503, retryAfterMs: 5 })).toBe("503");
  expect(describeAnswer({ failure: "ECONNRESET" })).toBe("ECONNRESET");
});

const now = Date.parse("2026-03-01T10:00:00Z");

test.each<[value: string | undefined, expected: number | undefined]>([
  [undefined, undefined],
  ["0", 0],
  ["1", 1000],
  ["120", 120_000],
  ["999999999", 999_999_999_000],
  ["Sun, 01 Mar 2026 10:00:30 GMT", 30_000],
  ["Sunday, 01-Mar-26 10:00:30 GMT", 30_000],
  ["Sun Mar  1 10:00:30 2026 GMT", 30_000],
  ["Sun, 01 Mar 2026 09:59:00 GMT", 0],
  ["", undefined],
  ["soon", undefined],
  ["1 minute", undefined],
  ["1e3", undefined],
  ["-1", undefined],
  ["1.5", undefined],
  ["9999999999999", undefined],
  ["NaN", undefined],
])("Retry-After of %j is %j milliseconds", (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected);
});
