import { describe, expect, test } from "vitest";
import { everyId, type Identity, identityOf, renewed } from "../../src/consent/identity.ts";
import { carriedOver } from "../../src/consent/make-preferences.ts";
import type { Reading } from "../../src/consent/preferences.ts";

const day = 24 * 60 * 60 * 1000;
const since = Date.UTC(2026, 0, 1);
const id = "ab".repeat(32);
const salt = "cd".repeat(16);
const first: Identity = { anonymousId: id, salt, notifiedAt: since };
const read = (preferences: Identity): Reading => ({ is: "read", preferences });
const laterBy = (days: number) => renewed(first, 365, since + days * day);

describe("an installation's id", () => {
  test.each([0, 1, 364, 364.999])("is the one of its first day after %d days", (days) => {
    expect(laterBy(days)).toMatchObject({ anonymousId: id, salt });
  });

  test("is another one every year, and the same throughout that year", () => {
    const ids = [0, 365, 2 * 365, 3 * 365].map((days) => laterBy(days).anonymousId);
    expect(new Set(ids).size).toBe(4);
    for (const made of ids) expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(laterBy(365 + 364)).toEqual(laterBy(365));
  });

  test("is renewed as often as the product says", () => {
    const at = since + 30 * day;
    expect(renewed(first, 30, at).anonymousId).not.toBe(id);
    expect(renewed(first, 31, at).anonymousId).toBe(id);
  });

  test("takes its salt along, so that no project hash ties two ids together", () => {
    expect(laterBy(365).salt).not.toBe(salt);
    expect(laterBy(2 * 365).salt).not.toBe(laterBy(365).salt);
  });

  test("can't be told from the one before by whoever knows that: the salt is needed", () => {
    const other = renewed({ ...first, salt: "ef".repeat(16) }, 365, since + 365 * day);
    expect(other.anonymousId).not.toBe(laterBy(365).anonymousId);
  });

  test.each<[what: string, identity: Identity, now: number]>([
    ["before its first day, when a clock was set back", first, since - 365 * day],
    ["when nobody knows since when it is", { anonymousId: id, salt }, since + 9999 * day],
    ["without a salt to renew it by", { anonymousId: id, notifiedAt: since }, since + 9999 * day],
  ])("stays %s", (_what, identity, now) => {
    expect(renewed(identity, 365, now)).toEqual(identity);
  });

  test("and all that came before it can be named, to have them erased", () => {
    const now = since + 2.5 * 365 * day;
    expect(everyId(first, 365, now)).toEqual([
      ...[id, laterBy(365).anonymousId, laterBy(2 * 365).anonymousId],
    ]);
    expect(everyId(first, 365, since)).toEqual([id]);
    expect(everyId({}, 365, now)).toEqual([]);
  });
});

describe("the identity that counts", () => {
  test.each<[what: string, readings: Reading[], expected: Identity]>([
    [
      "is the first there is",
      [read({ anonymousId: id, salt }), read(first)],
      { anonymousId: id, salt },
    ],
    ["may be in another file", [{ is: "absent" }, read(first)], first],
    ["comes whole: no salt of another's", [read({ salt: "ef".repeat(16) }), read(first)], first],
    ["is none where there is none", [{ is: "absent" }, read({})], {}],
  ])("%s", (_what, readings, expected) => {
    expect(identityOf(readings)).toEqual(expected);
  });

  test("of another version of the product is carried over into new preferences", () => {
    expect(carriedOver([{ is: "absent" }, read(first)])).toEqual({ anonymousId: id, salt });
    const salted = carriedOver([read({ anonymousId: id })]);
    expect(salted).toEqual({ anonymousId: id, salt: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(carriedOver([]).anonymousId).not.toBe(carriedOver([]).anonymousId);
  });
});
