import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  makeFolder,
  moveIfThere,
  readIfThere,
  readJson,
  removeIfThere,
  replaceFile,
} from "../../src/support/files.ts";
import { ownFolder } from "./own-folder.ts";

const folder = ownFolder();
const onPosix = process.platform !== "win32";

describe("a folder of ours", () => {
  test("is made with those it needs, for nobody else to read", () => {
    makeFolder(folder.at("a", "b", "c"));
    if (onPosix) {
      for (const made of [folder.at("a"), folder.at("a", "b", "c")]) {
        expect(statSync(made).mode & 0o777).toBe(0o700);
      }
    }
    expect(() => makeFolder(folder.at("a", "b", "c"))).not.toThrow();
  });

  test("is never a link to somewhere else", () => {
    mkdirSync(folder.at("elsewhere"));
    symlinkSync(folder.at("elsewhere"), folder.at("ours"), "junction");
    expect(() => makeFolder(folder.at("ours"))).toThrow("is not a folder of its own");
  });

  test("is not made where a file is", () => {
    folder.write("ours", "");
    expect(() => makeFolder(folder.at("ours"))).toThrow("EEXIST");
  });
});

describe("a file is replaced", () => {
  test("as a whole, for nobody else to read, and without a draft left", () => {
    const file = folder.write("a.json", "a longer text that was there before");
    replaceFile(file, "new");
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(readdirSync(folder.at())).toEqual(["a.json"]);
    if (onPosix) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("or stays as it was, without a draft left, and it is said", () => {
    mkdirSync(folder.at("a.json"));
    expect(() => replaceFile(folder.at("a.json"), "new")).toThrow();
    expect(() => replaceFile(folder.at("missing", "a.json"), "new")).toThrow("ENOENT");
    expect(readdirSync(folder.at())).toEqual(["a.json"]);
  });
});

test("a file that is not there has no text; other trouble is thrown", () => {
  folder.write("file", "text");
  expect(readIfThere(folder.at("file"))).toBe("text");
  expect(readIfThere(folder.at("missing"))).toBeUndefined();
  expect(readIfThere(folder.at("file", "below"))).toBeUndefined();
  expect(() => readIfThere(folder.at())).toThrow("EISDIR");
});

test.each<[text: string, expected: unknown]>([
  ['{"a": 1}', { a: 1 }],
  ["[1]", undefined],
  ["1", undefined],
  ["null", undefined],
  ['{"a"', undefined],
  ["", undefined],
])("of %s as JSON an object is read, or nothing", (text, expected) => {
  expect(readJson(folder.write("a.json", text))).toEqual(expected);
  expect(readJson(folder.at("missing"))).toBeUndefined();
});

test("of two that move or remove a file, one is told that it did", () => {
  folder.write("a", "");
  expect(moveIfThere(folder.at("a"), folder.at("b"))).toBe(true);
  expect(moveIfThere(folder.at("a"), folder.at("c"))).toBe(false);
  expect(removeIfThere(folder.at("b"))).toBe(true);
  expect(removeIfThere(folder.at("b"))).toBe(false);
  expect(existsSync(folder.at("b"))).toBe(false);
});
