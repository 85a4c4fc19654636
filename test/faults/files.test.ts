import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, it } from "vitest";
import { flushCommand, senderGone, setUp } from "../e2e/harness.ts";
import { createLedger, isLong, seededRandom, tally } from "./harness.ts";

/** What else may lie in a spool: files that are torn, somebody else's, or of another version. */
const ledger = createLedger("files in the spool", { isSorted: true });

const minute = 60 * 1000;
type Context = Parameters<typeof setUp>[0];

const day = 24 * 60 * minute;

/** A home in which the notice was shown, and nothing waits. */
async function enter(context: Context) {
  const place = await setUp(context);
  const { env, home, product, receiver } = place;
  await product("completed");
  await flushCommand(env);
  const spool = path.join(home.stateFolder("acme"), "spool");
  const age = (name: string, ageMs: number) => {
    const then = (Date.now() - ageMs) / 1000;
    utimesSync(path.join(spool, name), then, then);
  };
  return {
    ...place,
    spool,
    put(name: string, text: string, ageMs = 0) {
      writeFileSync(path.join(spool, name), text);
      age(name, ageMs);
    },
    ageAll(ageMs: number) {
      for (const name of readdirSync(spool)) age(name, ageMs);
    },
    account(name: string, recorded: number, foreign: readonly string[] = []) {
      const ours = home.spool("acme").filter(({ file }) => !foreign.includes(file));
      ledger.add({ case: name, recorded, ...tally(receiver.requests, ours) });
    },
  };
}

/** A whole file of each kind, as builds and senders write it, for an endpoint. */
async function wholeFiles(context: Context, url: string) {
  const { home, product, receiver, spool } = await enter(context);
  const take = () => {
    const file = path.join(spool, readdirSync(spool)[0] as string);
    const text = readFileSync(file, "utf8");
    rmSync(file);
    return text.replaceAll(receiver.url, url);
  };
  await product("die");
  const open = take();
  receiver.behave({ status: 404 });
  await product("completed");
  await senderGone(home.path);
  const sealed = take();
  await product("completed", { PRODUCT_OPTIONS: '{"flushEvery":3600000}' });
  const events = take();
  return { open, events, sealed };
}

/** The same batch under an id of its own, and so are its events. */
function renamed(text: string): { batchId: string; text: string } {
  const batchId = randomUUID();
  const known = JSON.parse(text).batchId as string;
  return {
    batchId,
    text: text.replaceAll(known, batchId).replaceAll(/"id":"[0-9a-f-]{36}"/g, `"id":"${batchId}"`),
  };
}

/** Some lengths of a text that is cut short; in the long form all of them. */
function lengthsOf(text: string, name: string): number[] {
  const all = Array.from({ length: text.length }, (_, length) => length);
  if (isLong) return all;
  const random = seededRandom(name);
  const ends = [...all.slice(0, 3), ...all.slice(-3)];
  return [...ends, ...Array.from({ length: 30 }, () => Math.floor(random() * text.length))];
}

describe.concurrent("a file that is torn", () => {
  it("at any length waits for its writer, is never sent, and is deleted after ten minutes", async (context) => {
    const { expect } = context;
    const { account, ageAll, env, home, product, put, receiver, spool } = await enter(context);
    const whole = await wholeFiles(context, receiver.url);
    let recorded = receiver.uniqueEvents.length;
    for (const [kind, text] of Object.entries(whole)) {
      const suffix = kind === "open" ? "open" : "events";
      const lengths = lengthsOf(text, kind);
      // Fewer at once than a spool holds.
      while (lengths.length > 0) {
        const some = lengths.splice(0, 400);
        for (const length of some) {
          const torn = renamed(text);
          put(`${torn.batchId}_${suffix}.json`, torn.text.slice(0, length));
        }
        const intact = renamed(whole.events);
        put(`${intact.batchId}_events.json`, intact.text);
        recorded += 1;
        const before = receiver.requests.length;
        expect((await flushCommand(env)).stdout).toContain(`1 of ${some.length + 1} batches`);
        expect(readdirSync(spool)).toHaveLength(some.length);
        expect(receiver.requests.slice(before)).toHaveLength(1);

        ageAll(11 * minute);
        await flushCommand(env);
        expect(readdirSync(spool)).toEqual([]);
        expect(receiver.requests.slice(before)).toHaveLength(1);
      }
      // What a crash of the whole machine may leave.
      put(`${randomUUID()}_${suffix}.json`, "\0".repeat(text.length), 11 * minute);
      expect(await product("completed")).toMatchObject({ exitCode: 0, stderr: "" });
      recorded += 1;
      await senderGone(home.path);
      expect(readdirSync(spool)).toEqual([]);
    }
    account("torn files", recorded);
  });
});

describe.concurrent("a file that is somebody else's", () => {
  it("is left alone, never sent and never deleted, however old", async (context) => {
    const { expect } = context;
    const { account, env, home, product, put, receiver, spool } = await enter(context);
    const { events } = await wholeFiles(context, receiver.url);
    const elsewhere = path.join(home.path, "elsewhere.json");
    const linked = renamed(events);
    writeFileSync(elsewhere, linked.text);
    const names = [
      "README.md",
      ".DS_Store",
      "_events.json",
      "notes_events.json",
      `${randomUUID()}.json`,
      `${randomUUID()}_sent.json`,
      `${randomUUID()}_events.json.bak`,
      `${randomUUID()}_events.json~`,
      `${randomUUID().toUpperCase()}_events.json`,
      `x${randomUUID()}_events.json`,
      `${randomUUID()}_claimed.json`,
      `${randomUUID()}_claimed.soon.x.json`,
    ];
    for (const name of names) put(name, renamed(events).text, 31 * day);
    const folder = `${randomUUID()}_events.json`;
    mkdirSync(path.join(spool, folder));
    symlinkSync(elsewhere, path.join(spool, `${linked.batchId}_events.json`));
    const before = readdirSync(spool).sort();

    const recorded = receiver.uniqueEvents.length;
    await product("completed");
    await senderGone(home.path);
    await flushCommand(env);
    expect(readdirSync(spool).sort()).toEqual(before);
    for (const name of names) {
      expect(JSON.parse(readFileSync(path.join(spool, name), "utf8")).format).toBe(1);
    }
    expect(readFileSync(elsewhere, "utf8")).toBe(linked.text);
    expect(receiver.events).toHaveLength(recorded + 1);
    account("foreign files", recorded + 1, before);
  });
});

describe.concurrent("a file of a newer version", () => {
  it("is left alone until it is a month old", async (context) => {
    const { expect } = context;
    const { ageAll, account, env, home, product, put, receiver, spool } = await enter(context);
    const recorded = receiver.uniqueEvents.length;
    const text = '{"format":2,"of":["a","later","time"]}';
    const names = {
      open: `${randomUUID()}_open.json`,
      events: `${randomUUID()}_events.json`,
      claimed: `${randomUUID()}_claimed.${Date.now() - 20 * minute}.abc.json`,
    };
    for (const name of Object.values(names)) put(name, text, 11 * minute);
    await product("completed");
    await senderGone(home.path);
    await flushCommand(env);
    // The claim was dead: now it waits like the others.
    const waiting = names.claimed.replace(/_.*/, "_events.json");
    expect(readdirSync(spool).sort()).toEqual([names.open, names.events, waiting].sort());
    for (const name of readdirSync(spool)) {
      expect(readFileSync(path.join(spool, name), "utf8")).toBe(text);
      expect(Date.now() - statSync(path.join(spool, name)).mtimeMs).toBeGreaterThan(11 * minute);
    }
    expect(receiver.events).toHaveLength(recorded + 1);
    account("files of a newer version", recorded + 1, readdirSync(spool));

    ageAll(31 * day);
    await flushCommand(env);
    expect(existsSync(spool) ? readdirSync(spool) : []).toEqual([]);
  });
});
