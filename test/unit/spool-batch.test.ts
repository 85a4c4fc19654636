import { describe, expect, test } from "vitest";
import { isSealed, parseBatch } from "../../src/spool/batch.ts";
import { batchId, batchOf, sealedOf } from "./spool-batches.ts";

const batch = batchOf(batchId(1));
const sealed = sealedOf(batchId(1));
const asks = { alsoRead: [], consent: "opt-in", offVariables: [] };

test.each([
  ["as a build writes it", batch, false],
  ["sealed", sealed, true],
])("a batch %s is read as it was written", (_what, written, expected) => {
  const parsed = parseBatch(JSON.stringify(written));
  expect(parsed).toEqual({ is: "batch", batch: written });
  expect(parsed.is === "batch" && isSealed(parsed.batch)).toBe(expected);
});

test.each([
  ["batch", batch],
  ["sealed batch", sealed],
])("a %s torn at any length is torn", (_what, written) => {
  const text = JSON.stringify(written);
  for (let length = 0; length < text.length; length++) {
    expect(parseBatch(text.slice(0, length))).toEqual({ is: "torn" });
  }
});

test("a batch followed by the rest of another is torn", () => {
  expect(parseBatch(`${JSON.stringify(batch)}"}]}`)).toEqual({ is: "torn" });
});

test.each([
  ["of the next format", { ...batch, format: 2 }],
  ["of a far one, of which nothing else is known", { format: 99 }],
])("a batch %s is left to a newer version", (_what, written) => {
  expect(parseBatch(JSON.stringify(written))).toEqual({ is: "newer" });
});

describe("what is no batch is torn", () => {
  test.each<[what: string, value: unknown]>([
    ["null", null],
    ["a list", [batch]],
    ["a number", 1],
    ["an empty object", {}],
    ["a format in words", { ...batch, format: "1" }],
    ["without a product", { ...batch, product: undefined }],
    ["with a version that is none", { ...batch, version: 1 }],
    ["without an id", { ...batch, batchId: null }],
    ["without sinks", { ...batch, sinks: undefined }],
    ["with sinks that are none", { ...batch, sinks: ["https://acme.dev"] }],
    ["without facts", { ...batch, facts: undefined }],
    ["without content", { ...batch, content: undefined }],
    ["without events", { ...batch, content: { ...batch.content, events: {} } }],
    ["with an event that is none", { ...batch, content: { ...batch.content, events: [null] } }],
    ["with another file to ask that is none", { ...batch, asks: { ...asks, alsoRead: [null] } }],
    [
      "with another file to ask that has no path",
      { ...batch, asks: { ...asks, alsoRead: [{ format: "flat" }] } },
    ],
    ["with a variable that is none", { ...batch, asks: { ...asks, offVariables: [1] } }],
    ["sealed, with a request that is none", { ...sealed, requests: [null] }],
    ["sealed, with a request without a body", { ...sealed, requests: [{ id: "1" }] }],
    ["sealed, with what is left of no list", { ...sealed, left: { "http-00000000": {} } }],
    ["sealed, without requests", { ...sealed, requests: undefined }],
    ["sealed, without what is left", { ...sealed, left: undefined }],
    ["sealed, with a list of what is left", { ...sealed, left: [] }],
  ])("%s", (_what, value) => {
    expect(parseBatch(JSON.stringify(value))).toEqual({ is: "torn" });
  });
});
