import { AssertionError } from "node:assert";
import { expect, test } from "vitest";
import { expectEvent, type ReceivedEvent } from "../../src/testing/index.ts";

const event = (id: string, eventName: string, fields: Record<string, unknown>): ReceivedEvent => ({
  id,
  eventName,
  timestamp: "2026-03-01T10:00:00.000Z",
  fields,
});
const completed = event("1", "build:completed", { success: true, duration: 12, tools: ["a"] });
const failed = event("2", "build:failed", { success: false, errorPhase: "compile" });

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(AssertionError);
    return (error as Error).message;
  }
  throw new Error("it did not throw");
}

test("an event is found by name and by some of its fields", () => {
  const receiver = { events: [failed, completed] };
  expect(expectEvent(receiver, { eventName: "build:completed" })).toBe(completed);
  const fields = { success: true, tools: ["a"] };
  expect(expectEvent(receiver, { eventName: "build:completed", fields })).toBe(completed);
});

test("a spool will do, whatever its batches look like, and torn ones aside", () => {
  const spool = [
    { file: "1_open.json", batch: undefined },
    { file: "2_events.json", batch: { events: [failed] } },
    { file: "3_events.json", batch: { requests: [{ payload: { events: [completed] } }] } },
  ];
  expect(expectEvent(spool, { eventName: "build:completed" })).toBe(completed);
  expect(expectEvent(spool, { eventName: "build:failed" })).toBe(failed);
});

test("of several with that name, the one whose fields are equal counts", () => {
  const second = event("3", "build:completed", { success: true, duration: 99 });
  const expected = { eventName: "build:completed", fields: { duration: 99 } };
  expect(expectEvent([completed, second], expected)).toBe(second);
});

test("fields that differ are told", () => {
  const fields = { success: true, duration: 13, bundler: "webpack" };
  const expected = { eventName: "build:completed", fields };
  expect(messageOf(() => expectEvent([failed, completed, completed], expected))).toBe(
    [
      "no event build:completed { success: true, duration: 13, bundler: 'webpack' }",
      "what was there:",
      "  build:failed { success: false, errorPhase: 'compile' }",
      "  build:completed with duration: 12 instead of 13, no bundler",
    ].join("\n"),
  );
});

test("that there was nothing is told", () => {
  expect(messageOf(() => expectEvent({ events: [] }, { eventName: "build:failed" }))).toBe(
    "no event build:failed\nthere was no event at all",
  );
});
