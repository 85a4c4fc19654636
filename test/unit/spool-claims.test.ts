import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { SealedBatch } from "../../src/spool/batch.ts";
import {
  type Claim,
  claimBatch,
  leftFor,
  listTakeable,
  noteLeft,
  releaseClaim,
  removeClaim,
  sealBatch,
  stillMine,
} from "../../src/spool/claim.ts";
import { eraseWaiting } from "../../src/spool/erase.ts";
import { listSpool } from "../../src/spool/list.ts";
import { openFile } from "../../src/spool/names.ts";
import { rewriteOpenBatch, settleBatch, writeOpenBatch } from "../../src/spool/write.ts";
import { placesFor } from "../../src/support/paths.ts";
import { ownFolder } from "./own-folder.ts";
import { batchId, batchOf, eventOf, sealedOf, setAge } from "./spool-batches.ts";

const folder = ownFolder();
const minute = 60 * 1000;
/** Of whole seconds, which file systems keep as they are. */
const now = Math.floor(Date.now() / 1000) * 1000;
let spool: string;
beforeEach(() => {
  spool = folder.at("state", "spool");
});

const id = batchId(1);
const names = () => (existsSync(spool) ? readdirSync(spool).sort() : []);
const kinds = () => listSpool(spool).map(({ kind }) => kind);
const takeable = (at = now) => listTakeable(spool, at).map((entry) => entry.batchId);

/** A file in the spool, by its name; what is no text as JSON. */
function put(name: string, content: unknown, age = 0): string {
  const file = folder.write(`state/spool/${name}`, content);
  setAge(file, now - age);
  return file;
}

/** The first batch that waits, claimed. */
function claim(at = now): Claim {
  const [entry] = listTakeable(spool, at);
  const claimed = entry && claimBatch(spool, entry, at);
  if (!claimed) throw new Error("nothing to claim");
  return claimed;
}

function waiting(given = {}): void {
  writeOpenBatch(spool, batchOf(id, given));
  settleBatch(spool, id);
}

describe("a build's batch", () => {
  test("is open when it is written, and waits when it is settled", () => {
    writeOpenBatch(spool, batchOf(id));
    expect(names()).toEqual([`${id}_open.json`]);
    expect(takeable()).toEqual([]);
    expect(settleBatch(spool, id)).toBe(true);
    expect(names()).toEqual([`${id}_events.json`]);
    expect(takeable()).toEqual([id]);
    expect(settleBatch(spool, id)).toBe(false);
  });

  test("is for nobody else to read, nor is its folder", () => {
    writeOpenBatch(spool, batchOf(id));
    if (process.platform === "win32") return;
    expect(statSync(openFile(spool, id)).mode & 0o777).toBe(0o600);
    expect(statSync(spool).mode & 0o777).toBe(0o700);
  });

  test("can be rewritten while it is open, in one step", () => {
    writeOpenBatch(spool, batchOf(id));
    const { content } = batchOf(id);
    const grown = batchOf(id, { content: { ...content, events: [eventOf("a"), eventOf("b")] } });
    expect(rewriteOpenBatch(spool, grown)).toBe(true);
    expect(JSON.parse(readFileSync(openFile(spool, id), "utf8"))).toEqual(grown);
    expect(names()).toEqual([`${id}_open.json`]);
  });

  test("is not brought back by a rewrite once it is settled, or gone", () => {
    waiting();
    expect(rewriteOpenBatch(spool, batchOf(id))).toBe(false);
    expect(names()).toEqual([`${id}_events.json`]);
    rmSync(spool, { recursive: true });
    expect(rewriteOpenBatch(spool, batchOf(id))).toBe(false);
    expect(names()).toEqual([]);
  });

  test("never takes the place of one that is there", () => {
    writeOpenBatch(spool, batchOf(id));
    expect(() => writeOpenBatch(spool, batchOf(id, { version: "9.9.9" }))).toThrow("EEXIST");
    expect(JSON.parse(readFileSync(openFile(spool, id), "utf8"))).toEqual(batchOf(id));
  });

  test("is not written through a link, nor where a file is in the spool's place", () => {
    mkdirSync(folder.at("elsewhere"));
    mkdirSync(path.dirname(spool));
    symlinkSync(folder.at("elsewhere"), spool, "junction");
    expect(() => writeOpenBatch(spool, batchOf(id))).toThrow("is not a folder of its own");
    expect(readdirSync(folder.at("elsewhere"))).toEqual([]);
    unlinkSync(spool);
    writeFileSync(spool, "");
    expect(() => writeOpenBatch(spool, batchOf(id))).toThrow("EEXIST");
    expect(takeable()).toEqual([]);
  });
});

describe("what a sender may take", () => {
  test("is what waits, oldest first, and nothing of others", () => {
    put(`${batchId(2)}_events.json`, batchOf(batchId(2)), 2 * minute);
    put(`${batchId(3)}_events.json`, batchOf(batchId(3)), 3 * minute);
    put(`${batchId(1)}_events.json`, batchOf(batchId(1)), 1 * minute);
    put("README", "hello", 5 * minute);
    put("events.json", batchOf(batchId(9)), 5 * minute);
    expect(takeable()).toEqual([batchId(3), batchId(2), batchId(1)]);
  });

  test.each([
    ["an open batch", `${id}_open.json`, 10 * minute],
    ["an open batch of the future", `${id}_open.json`, -10 * minute],
  ])("is %s only after ten minutes", (_what, name, age) => {
    put(name, batchOf(id), age);
    expect(takeable()).toEqual([]);
    put(name, batchOf(id), age + Math.sign(age));
    expect(takeable()).toEqual([id]);
  });

  test("is another's claim only after 15 seconds, by the time in its name", () => {
    const named = (claimedAt: number) => `${id}_claimed.${claimedAt}.abc.json`;
    put(named(now - 15_000), batchOf(id), 5 * minute);
    expect(takeable()).toEqual([]);
    expect(takeable(now + 1)).toEqual([id]);
    expect(takeable(now - 30_001)).toEqual([id]);
  });

  test("is never a draft", () => {
    put(`${id}_open.json.1.a.tmp`, batchOf(id), 60 * minute);
    put(`${id}_events.json.1.a.tmp`, batchOf(id), 60 * minute);
    expect(takeable()).toEqual([]);
  });

  test("is nothing where there is no spool", () => {
    expect(takeable()).toEqual([]);
  });
});

describe("a claim", () => {
  test("gives the batch to one of two senders that saw it", () => {
    waiting();
    const [entry] = listTakeable(spool, now);
    if (!entry) throw new Error("nothing waits");
    const [one, other] = [claimBatch(spool, entry, now), claimBatch(spool, entry, now)];
    expect(one?.batch).toEqual(batchOf(id));
    expect(other).toBeUndefined();
    expect(kinds()).toEqual(["claimed"]);
    expect(takeable()).toEqual([]);
  });

  test("is its owner's for 15 seconds, and no longer", () => {
    waiting();
    const mine = claim();
    expect(stillMine(mine, now)).toBe(true);
    expect(stillMine(mine, now + 15_000)).toBe(true);
    expect(stillMine(mine, now + 15_001)).toBe(false);
    expect(stillMine(mine, now - 15_001)).toBe(false);
  });

  test("that was taken over is not its first owner's, who leaves it alone when waking up", () => {
    waiting();
    const first = claim();
    const second = claim(now + 15_001);
    expect(second.batch).toEqual(first.batch);
    expect(stillMine(second, now + 15_001)).toBe(true);
    // Even if the first owner's clock stood still.
    expect(stillMine(first, now)).toBe(false);
    expect(() => sealBatch(first, [])).toThrow("ENOENT");
    releaseClaim(spool, first);
    removeClaim(first);
    expect(names()).toEqual([path.basename(second.file)]);
  });

  test("whose file is deleted is nobody's", () => {
    waiting();
    const mine = claim();
    rmSync(spool, { recursive: true });
    expect(stillMine(mine, now)).toBe(false);
    expect(() => sealBatch(mine, [])).toThrow("ENOENT");
    releaseClaim(spool, mine);
    expect(names()).toEqual([]);
  });

  test("that is released waits again; one that is removed is gone", () => {
    waiting();
    releaseClaim(spool, claim());
    expect(names()).toEqual([`${id}_events.json`]);
    removeClaim(claim());
    expect(names()).toEqual([]);
  });
});

describe("a file that is no batch", () => {
  test.each(["", '{"format":1', "null", '{"format":1}'])(
    "and is young, %j, stays what it is: it may still be written",
    (text) => {
      const file = put(`${id}_events.json`, text, 10 * minute - 1000);
      const [entry] = listTakeable(spool, now);
      expect(entry && claimBatch(spool, entry, now)).toBeUndefined();
      expect(names()).toEqual([path.basename(file)]);
      expect(readFileSync(file, "utf8")).toBe(text);
    },
  );

  test.each([
    ["waiting", `${id}_events.json`],
    ["open", `${id}_open.json`],
    ["claimed", `${id}_claimed.${now - minute}.abc.json`],
  ])("and is old, %s, goes", (_what, name) => {
    put(name, '{"format":1', 10 * minute + 1);
    const [entry] = listTakeable(spool, now);
    expect(entry && claimBatch(spool, entry, now)).toBeUndefined();
    expect(names()).toEqual([]);
  });

  test.each([
    ["waiting", `${id}_events.json`, `${id}_events.json`],
    ["open", `${id}_open.json`, `${id}_open.json`],
    ["in a dead claim", `${id}_claimed.${now - minute}.abc.json`, `${id}_events.json`],
  ])("of this format, but of a newer one, %s, is left alone at any age", (_what, name, left) => {
    put(name, { format: 2 }, 60 * minute);
    const [entry] = listTakeable(spool, now);
    expect(entry && claimBatch(spool, entry, now)).toBeUndefined();
    expect(names()).toEqual([left]);
    expect(readFileSync(path.join(spool, left), "utf8")).toBe('{"format":2}');
  });
});

describe("a sealed batch", () => {
  const requests = [
    { id: `${id}.0`, body: '{"a":1}' },
    { id: `${id}.1`, body: '{"a":2}' },
  ];

  test("holds its final requests, and of the rest what a sender needs", () => {
    const asks = { alsoRead: [], offVariables: ["NO_ACME"], consent: "opt-in" } as const;
    waiting({ heldSince: 5, asks });
    const mine = claim();
    const sealed = sealBatch(mine, requests);
    expect(sealed).toEqual(sealedOf(id, { heldSince: 5, asks, requests }));
    expect(JSON.parse(readFileSync(mine.file, "utf8"))).toEqual(sealed);
    releaseClaim(spool, mine);
    expect(claim().batch).toEqual(sealed);
  });

  test("is not sealed again: a repeat is the same, byte for byte", () => {
    waiting();
    const mine = claim();
    const sealed = sealBatch(mine, requests);
    expect(sealBatch(mine, [{ id: "other", body: "other" }])).toBe(sealed);
    releaseClaim(spool, mine);
    expect(sealBatch(claim(), [])).toEqual(sealed);
  });

  test("keeps its age", () => {
    put(`${id}_events.json`, batchOf(id), 20 * 24 * 60 * minute);
    const mine = claim();
    sealBatch(mine, requests);
    noteLeft(mine, "http-0", []);
    expect(listSpool(spool)[0]?.changedAt).toBeCloseTo(now - 20 * 24 * 60 * minute, -1);
    expect(names()).toHaveLength(1);
  });

  test("is settled for each sink by itself", () => {
    waiting();
    const mine = claim();
    const sealed = sealBatch(mine, requests);
    expect(leftFor(sealed, "http-0")).toEqual(requests);
    noteLeft(mine, "http-0", requests.slice(1));
    noteLeft(mine, "file-1", []);
    releaseClaim(spool, mine);
    const later = claim().batch as SealedBatch;
    expect(leftFor(later, "http-0")).toEqual(requests.slice(1));
    expect(leftFor(later, "file-1")).toEqual([]);
    expect(leftFor(later, "udp-2")).toEqual(requests);
  });

  test("is what it takes to note what is left", () => {
    waiting();
    expect(() => noteLeft(claim(), "http-0", [])).toThrow("only a sealed batch");
  });
});

describe("turned off", () => {
  test("all that waits, was counted, sent or kept is gone; the rest is left alone", () => {
    const home = { env: {}, platform: process.platform, home: folder.at("home") };
    const places = placesFor("acme", home);
    const write = (file: string) => folder.write(path.relative(folder.at(), file), "{}");
    const gone = [
      path.join(places.spool, `${id}_events.json`),
      path.join(places.spool, `${id}_open.json`),
      path.join(places.spool, `${id}_claimed.${now}.a.json`),
      path.join(places.rollups, "2026-03-01.log"),
      places.sent,
      places.local,
    ].map(write);
    const left = [
      path.join(places.backoff, "http-0.json"),
      ...[places.preferences, places.lock, places.notices, places.stopped],
    ].map(write);
    eraseWaiting(places);
    expect(gone.filter((file) => existsSync(file))).toEqual([]);
    expect(left.filter((file) => !existsSync(file))).toEqual([]);
    expect(() => eraseWaiting(places)).not.toThrow();
  });
});
