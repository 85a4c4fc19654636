import { afterEach, describe, expect, test, vi } from "vitest";
import { createDebug, debugMode, reason } from "../../src/support/debug.ts";
import { envPrefix, isSet } from "../../src/support/env.ts";
import { surroundings } from "../../src/support/paths.ts";
import { readableEnv, systemIsOpen } from "../../src/support/permissions.ts";

test.each([
  ["acme", "ACME"],
  ["acme-cli", "ACME_CLI"],
  ["a--b", "A_B"],
  ["x2", "X2"],
])("the variables of %s begin with %s", (name, prefix) => {
  expect(envPrefix(name)).toBe(prefix);
});

test.each<[value: unknown, expected: boolean]>([
  [undefined, false],
  ["", false],
  ["  ", false],
  ["0", false],
  ["false", false],
  ["False", false],
  ["1", true],
  ["true", true],
  ["yes", true],
  ["anything", true],
  [true, true],
  [1, true],
  [false, false],
  [0, false],
  [null, false],
])("a variable of %j is set: %s", (value, expected) => {
  expect(isSet(value)).toBe(expected);
});

test.each<[value: string | undefined, mode: string]>([
  [undefined, "off"],
  ["", "off"],
  ["0", "off"],
  ["false", "off"],
  ["yes", "off"],
  ["1", "on"],
  ["true", "on"],
  ["TRUE", "on"],
  ["dry", "dry"],
  ["Dry", "dry"],
])("debug of %j is %s", (value, mode) => {
  expect(debugMode(value)).toBe(mode);
});

test("what debug would say is not made while it is off", () => {
  const make = vi.fn(() => "line");
  createDebug("off").say(make);
  expect(make).not.toHaveBeenCalled();
});

test("a line that can't be made is no trouble", () => {
  const say = () =>
    createDebug("on").say(() => {
      throw new Error("no line");
    });
  expect(say).not.toThrow();
});

test.each([
  [Object.assign(new Error("no space left, open '/home/jo'"), { code: "ENOSPC" }), "ENOSPC"],
  [new TypeError("plain"), "plain"],
  ["thrown text", "thrown text"],
  [undefined, "undefined"],
])("trouble is told in a few words: %s", (error, words) => {
  expect(reason(error)).toBe(words);
});

describe("under Deno", () => {
  afterEach(() => vi.unstubAllGlobals());

  const deno = (granted: readonly string[]) => ({
    permissions: {
      querySync: ({ name }: { name: string }) => ({
        state: granted.includes(name) ? "granted" : "prompt",
      }),
    },
  });
  const all = ["env", "read", "write", "sys", "run"];

  test("the system is open only with every permission, and nobody is asked", () => {
    vi.stubGlobal("Deno", deno(all));
    expect(systemIsOpen()).toBe(true);
    expect(readableEnv()).toBe(process.env);
    for (const missing of all) {
      vi.stubGlobal("Deno", deno(all.filter((name) => name !== missing)));
      expect(systemIsOpen()).toBe(false);
      expect(readableEnv()).toEqual({});
      expect(surroundings()).toMatchObject({ env: {}, home: "" });
    }
  });

  test("one that can't be asked is closed", () => {
    vi.stubGlobal("Deno", {});
    expect(systemIsOpen()).toBe(false);
  });

  test("elsewhere the system is open", () => {
    vi.stubGlobal("Deno", undefined);
    expect(systemIsOpen()).toBe(true);
  });
});
