import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { onceARun } from "../../src/tracker/once-a-run.ts";
import { ownFolder } from "./own-folder.ts";

const folder = ownFolder();
let file = "";
let acts = 0;
const act = () => {
  acts += 1;
};
beforeEach(() => {
  file = folder.at("state", "acme", "noticed-run");
  acts = 0;
});
const names = () => readdirSync(path.dirname(file));

test("is done by the first of a run, and by nobody after it", () => {
  for (let i = 0; i < 3; i++) onceARun(file, "run 1", act);
  expect(acts).toBe(1);
});

test("is done again by the next run, and one file is all that stays", () => {
  for (const run of ["run 1", "run 2", "run 3"]) onceARun(file, run, act);
  expect(acts).toBe(3);
  expect(names()).toEqual(["noticed-run"]);
});

test("is not done by a process that comes while another is at it", () => {
  onceARun(file, "run 1", () => {
    act();
    onceARun(file, "run 1", act);
  });
  expect(acts).toBe(1);
  expect(names()).toEqual(["noticed-run"]);
});

test("is left to the next process where it fails, without a trace", () => {
  const failing = () => {
    throw new Error("no stderr");
  };
  expect(() => onceARun(file, "run 1", failing)).toThrow("no stderr");
  expect(names()).toEqual([]);
  onceARun(file, "run 1", act);
  expect(acts).toBe(1);
});

test("doesn't write down the run's id", () => {
  const id = "0123456789abcdef".repeat(4);
  onceARun(file, id, act);
  expect(readFileSync(file, "utf8")).toMatch(/^[0-9a-f]{32}$/);
  expect(id).not.toContain(readFileSync(file, "utf8"));
});

test("is not done where the disk takes no mark, for then all would do it", () => {
  writeFileSync(folder.at("state"), "a file in the folder's place");
  expect(() => onceARun(file, "run 1", act)).toThrow();
  expect(acts).toBe(0);
  expect(existsSync(file)).toBe(false);
});
