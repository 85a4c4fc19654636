import path from "node:path";
import { expect, test } from "vitest";
import { claimFile, eventsFile, openFile, parseName } from "../../src/spool/names.ts";
import { batchId } from "./spool-batches.ts";

const id = batchId(1);
const now = 1_700_000_000_000;

test.each([
  [`${id}_open.json`, { kind: "open", batchId: id }],
  [`${id}_events.json`, { kind: "events", batchId: id }],
  [`${id}_claimed.${now}.a1b2.json`, { kind: "claimed", batchId: id, claimedAt: now }],
  [`${id}_open.json.4711.x1y2.tmp`, { kind: "draft", batchId: id }],
  [`${id}_events.json.4711.x1y2.tmp`, { kind: "draft", batchId: id }],
  [`${id}_claimed.${now}.a1b2.json.4711.x1y2.tmp`, { kind: "draft", batchId: id }],
])("%s is ours, and what it is", (name, expected) => {
  expect(parseName(name)).toEqual(expected);
});

test.each([
  "",
  "notes.txt",
  ".DS_Store",
  "events.json",
  `${id}.json`,
  `${id}_events.json.bak`,
  `${id}_events.jsonl`,
  `${id}_sent.json`,
  `${id}_claimed.json`,
  `${id}_claimed.now.a1b2.json`,
  `${id}_claimed.${now}.json`,
  `${id}_claimed.${now}.A1.json`,
  `x${id}_events.json`,
  `${id.slice(1)}_events.json`,
  `../${id}_events.json`,
  `${id.toUpperCase().replace(/0/g, "A")}_events.json`,
])("%j is not ours", (name) => {
  expect(parseName(name)).toBeUndefined();
});

test("each name that is made is parsed as what it is made for", () => {
  const spool = path.join("some", "spool");
  const made = [openFile(spool, id), eventsFile(spool, id), claimFile(spool, id, now)];
  expect(made.map((file) => path.dirname(file))).toEqual([spool, spool, spool]);
  expect(made.map((file) => parseName(path.basename(file)))).toEqual([
    { kind: "open", batchId: id },
    { kind: "events", batchId: id },
    { kind: "claimed", batchId: id, claimedAt: now },
  ]);
});

test("no two claims have the same name, not even of the same batch in the same millisecond", () => {
  const names = Array.from({ length: 1000 }, () => claimFile("spool", id, now));
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(parseName(path.basename(name))?.kind).toBe("claimed");
});
