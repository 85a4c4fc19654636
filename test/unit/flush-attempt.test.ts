import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { attempt } from "../../src/flush/attempt.ts";
import { httpSink } from "../../src/sink/http.ts";
import type { Answer, Sink } from "../../src/sink/index.ts";
import { type Behaviour, type Receiver, startReceiver } from "../../src/testing/index.ts";

const request = { id: "r1", body: '{"events":[]}' };
const life = 12_000;

interface Given {
  lifeMs?: number;
  /** By the number of times it was asked before. */
  mayGoOn?: (asked: number) => boolean;
}

/** One attempt of a request on a real endpoint. */
async function attemptOn(
  behaviour: Behaviour,
  given: Given = {},
): Promise<{ receiver: Receiver; answer: Answer | undefined; tookMs: number }> {
  await using receiver = await startReceiver({ behaviour });
  const startedAt = performance.now();
  let asked = 0;
  const answer = await attempt({
    sink: httpSink({ type: "http", url: receiver.url }),
    request,
    lifeLeftMs: () => (given.lifeMs ?? life) - (performance.now() - startedAt),
    mayGoOn: () => given.mayGoOn?.(asked++) ?? true,
  });
  return { receiver, answer, tookMs: performance.now() - startedAt };
}

/** A sink that answers so, one after the other, and tells the time it was given. */
function answering(...answers: (Answer | Error)[]): Sink & { timeouts: number[] } {
  const timeouts: number[] = [];
  return {
    timeouts,
    async deliver(_request, timeoutMs) {
      timeouts.push(timeoutMs);
      const answer = answers.shift();
      if (!answer || answer instanceof Error) throw answer ?? new Error("asked once too often");
      return answer;
    },
  };
}

describe.concurrent("a request", () => {
  test("that is taken is sent once", async () => {
    const { receiver, answer } = await attemptOn("accept");
    expect(answer).toEqual({ status: 202 });
    expect(receiver.requests).toHaveLength(1);
    expect(receiver.requests[0]).toMatchObject({ method: "POST", body: request.body });
    expect(receiver.requests[0]?.headers).toMatchObject({ "content-type": "application/json" });
  });

  test.each([400, 404, 410, 413, 301])("that is answered %i is sent once", async (status) => {
    const { receiver, answer } = await attemptOn({ status });
    expect(answer).toEqual({ status });
    expect(receiver.requests).toHaveLength(1);
  });

  test("that fails is sent once more, half a second to a second later, the same", async () => {
    const { receiver, answer, tookMs } = await attemptOn({ status: 503 });
    expect(answer).toEqual({ status: 503 });
    expect(receiver.requests.map(({ body }) => body)).toEqual([request.body, request.body]);
    expect(tookMs).toBeGreaterThanOrEqual(499);
  });

  test("that fails once is taken the second time", async () => {
    const { receiver, answer } = await attemptOn((_request, i) => (i ? "accept" : "refuse"));
    expect(answer).toEqual({ status: 202 });
    expect(receiver.requests).toHaveLength(2);
  });

  test("that nobody listens to fails twice, with the system's code", async () => {
    const { answer, receiver } = await attemptOn("refuse");
    expect(answer).toEqual({ failure: expect.stringMatching(/^E[A-Z]+$/) });
    expect(receiver.connections).toBe(2);
  });

  test("waits for a Retry-After of a second in place", async () => {
    const { receiver, answer, tookMs } = await attemptOn((_request, i) =>
      i ? "accept" : { status: 429, headers: { "retry-after": "1" } },
    );
    expect(answer).toEqual({ status: 202 });
    expect(receiver.requests).toHaveLength(2);
    expect(tookMs).toBeGreaterThanOrEqual(999);
  });

  test("doesn't wait for a longer Retry-After", async () => {
    const { receiver, answer } = await attemptOn({
      status: 429,
      headers: { "retry-after": "2" },
    });
    expect(answer).toEqual({ status: 429, retryAfterMs: 2000 });
    expect(receiver.requests).toHaveLength(1);
  });

  test("that isn't answered is given up a second before the sender's end, for good", async () => {
    const { receiver, answer, tookMs } = await attemptOn("hang", { lifeMs: 1300 });
    expect(answer).toEqual({ failure: "ETIMEDOUT" });
    expect(receiver.connections).toBe(1);
    expect(tookMs).toBeGreaterThanOrEqual(290);
  });

  test("that fails late in the sender's life is not sent again", async () => {
    const { receiver, answer } = await attemptOn({ status: 500 }, { lifeMs: 1900 });
    expect(answer).toEqual({ status: 500 });
    expect(receiver.requests).toHaveLength(1);
  });

  test("is not sent at all in the last second", async () => {
    const { receiver, answer } = await attemptOn("accept", { lifeMs: 1000 });
    expect(answer).toBeUndefined();
    expect(receiver.connections).toBe(0);
  });

  test("that is not ours any more is not sent", async () => {
    const { receiver, answer } = await attemptOn("accept", { mayGoOn: () => false });
    expect(answer).toBeUndefined();
    expect(receiver.connections).toBe(0);
  });

  test("that is not ours any more after a failure is not sent again", async () => {
    const { receiver, answer } = await attemptOn(
      { status: 500 },
      { mayGoOn: (asked) => asked < 1 },
    );
    expect(answer).toEqual({ status: 500 });
    expect(receiver.requests).toHaveLength(1);
  });
});

async function timeoutsWith(lifeMs: number): Promise<number[]> {
  const sink = answering({ status: 500 }, { status: 500 });
  await attempt({ sink, request, lifeLeftMs: () => lifeMs, mayGoOn: () => true });
  return sink.timeouts;
}

describe.concurrent("an attempt has", () => {
  test.each([
    [12_000, [5000, 5000]],
    [6000, [5000, 5000]],
    [5999, [4999, 4999]],
    [2000, [1000, 1000]],
    [1999, [999]],
    [1500, [500]],
    [1001, [1]],
    [1000, []],
    [-5, []],
  ])("with %i ms of life left: %j", async (lifeMs, expected) => {
    expect(await timeoutsWith(lifeMs)).toEqual(expected);
  });

  test("no retry when the pause took longer than there is time", async () => {
    const sink = answering({ status: 500 }, { status: 500 });
    let leftMs = life;
    const mayGoOn = () => {
      if (sink.timeouts.length > 0) leftMs = 1499;
      return true;
    };
    await attempt({ sink, request, lifeLeftMs: () => leftMs, mayGoOn });
    expect(sink.timeouts).toEqual([5000]);
  });

  test("no more than one retry, whatever comes back", async () => {
    const sink = answering({ failure: "a" }, { failure: "b" }, { status: 200 });
    const answer = await attempt({ sink, request, lifeLeftMs: () => life, mayGoOn: () => true });
    expect(answer).toEqual({ failure: "b" });
    expect(sink.timeouts).toHaveLength(2);
  });
});

describe("the pause before the second request", () => {
  let startedAt: number;
  beforeEach(() => {
    vi.useFakeTimers();
    startedAt = Date.now();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  /** How long after the first answer the second request comes. */
  async function pauseAfter(answer: Answer): Promise<number> {
    const sink = answering(answer, { status: 202 });
    const attempted = attempt({ sink, request, lifeLeftMs: () => life, mayGoOn: () => true });
    await vi.advanceTimersToNextTimerAsync();
    expect(await attempted).toEqual({ status: 202 });
    return Date.now() - startedAt;
  }

  test.each([
    [0, 500],
    [0.5, 750],
    [0.999, 999],
  ])("is half a second to a second (%d: %i ms)", async (random, expected) => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    expect(await pauseAfter({ status: 503 })).toBe(expected);
  });

  test.each([
    [0, 1000],
    [0.999, 1499],
  ])("is longer by what a Retry-After asks for (%d: %i ms)", async (random, expected) => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    expect(await pauseAfter({ status: 429, retryAfterMs: 1000 })).toBe(expected);
  });

  test("is none where there is no time for a retry", async () => {
    expect(await timeoutsWith(1999)).toEqual([999]);
  });
});
