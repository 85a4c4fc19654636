import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { newUuid, randomHex } from "../../src/support/ids.ts";
import { sha256 } from "../../src/support/sha256.ts";

test("sha256 says what node:crypto says, for texts of every length up to three blocks", () => {
  for (let length = 0; length < 200; length++) {
    const text = "aä€😀".repeat(length).slice(0, length);
    expect(sha256(text)).toBe(createHash("sha256").update(text).digest("hex"));
  }
  const long = randomHex(100_000);
  expect(sha256(long)).toBe(createHash("sha256").update(long).digest("hex"));
});

test("a UUID is one of version 4, and never the same twice", () => {
  const uuids = Array.from({ length: 10_000 }, newUuid);
  for (const uuid of uuids) {
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  expect(new Set(uuids).size).toBe(uuids.length);
});
