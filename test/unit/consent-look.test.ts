import { symlinkSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { decide } from "../../src/consent/decide.ts";
import { lookAround, readAllPreferences, type Subject } from "../../src/consent/look.ts";
import { type Places, placesFor } from "../../src/support/paths.ts";
import { ownFolder } from "./own-folder.ts";

const folder = ownFolder();
afterEach(() => vi.unstubAllEnvs());

const now = Date.UTC(2026, 2, 1);

function subject(places: Partial<Places> = {}): Subject {
  const home = { env: {}, platform: process.platform, home: folder.at("home") };
  const policies = [folder.at("etc/acme.json"), folder.at("etc/sendoff.json")];
  return {
    name: "acme",
    version: "1.2.3",
    places: { ...placesFor("acme", home), policies, ...places },
    offVariables: ["ACME_TELEMETRY_DISABLED"],
    alsoRead: [{ file: folder.at("old.json"), format: "nested" }],
  };
}

const view = {
  enabledByProduct: true,
  projectOff: false,
  inCI: false,
  ci: "send",
  consent: "opt-out",
} as const;

function decision(places: Partial<Places> = {}) {
  vi.stubEnv("DO_NOT_TRACK", undefined);
  return decide(lookAround(subject(places), view, now));
}

test("a machine that holds nothing of ours says nothing", () => {
  expect(decision()).toMatchObject({ state: "on", row: 10 });
});

test("the environment is read anew each time", () => {
  vi.stubEnv("ACME_TELEMETRY_DISABLED", "1");
  expect(decision()).toMatchObject({ state: "off", row: 2 });
  vi.stubEnv("ACME_TELEMETRY_DISABLED", "0");
  expect(decision()).toMatchObject({ state: "on", row: 10 });
});

describe("a machine's policy", () => {
  test.each<[text: string, isOff: boolean]>([
    ['{"telemetry": false}', true],
    ['{"telemetry": {"enabled": false}}', true],
    ['{"telemetry.enabled": false}', true],
    ['{"telemetry": true}', false],
    ['{"telemetry": {"enabled": true}}', false],
    ["{}", false],
    ['{"telemetry.enabled": true}', false],
    // Somebody put it there: when in doubt, off.
    ['{"telemetry": "off"}', true],
    ['{"telemetry": {"enabled": 0}}', true],
    ['{"telemetry.enabled": null}', true],
    ["", true],
    ["{", true],
    ["[]", true],
    ["null", true],
  ])("%s: off is %s", (text, isOff) => {
    folder.write("etc/sendoff.json", text);
    expect(decision()).toMatchObject(isOff ? { state: "off", row: 4 } : { state: "on", row: 10 });
  });

  test("for all products holds where the product's own says yes, and is named", () => {
    folder.write("etc/acme.json", { telemetry: true });
    const file = folder.write("etc/sendoff.json", { telemetry: false });
    expect(decision()).toMatchObject({ row: 4, because: expect.stringContaining(file) });
  });

  test("that is a folder is one that can't be read: off", () => {
    folder.write("etc/acme.json/x", "");
    expect(decision()).toMatchObject({ state: "off", row: 4 });
  });
});

describe("what a collector said", () => {
  const stopped = (content: unknown) => ({ stopped: folder.write("stopped.json", content) });

  test.each<[what: string, content: unknown, row: number]>([
    ["of this version, holds until then", { "1.2.3": now + 1 }, 7],
    ["of this version, is over", { "1.2.3": now }, 10],
    ["of another version", { "1.2.4": now + 1 }, 10],
    ["in words", { "1.2.3": "for ever" }, 10],
    ["and can't be read any more", "{", 10],
  ])("%s", (_what, content, row) => {
    expect(decision(stopped(content)).row).toBe(row);
  });
});

describe("a home that is not known", () => {
  test.each([
    { preferences: path.join(".config", "acme", "telemetry.json") },
    { state: path.join(".local", "state", "acme") },
  ])("leads nowhere: off, for else files would lie in the project", (places) => {
    expect(decision(places)).toMatchObject({ state: "off", row: 8, because: /no home folder/ });
  });
});

describe("preferences", () => {
  test("are read from the product's own file first, then from the others", () => {
    const own = folder.write("own.json", { "telemetry.enabled": true });
    folder.write("old.json", { telemetry: { enabled: false } });
    expect(readAllPreferences(subject({ preferences: own }))).toEqual([
      { is: "read", preferences: { enabled: true } },
      { is: "read", preferences: { enabled: false } },
    ]);
    expect(decision({ preferences: own })).toMatchObject({ state: "off", row: 9 });
  });

  test("are not read twice from the same file", () => {
    const own = folder.write("old.json", {});
    expect(readAllPreferences(subject({ preferences: own }))).toHaveLength(1);
  });
});

describe("a home that can't be written is off, and is not tried", () => {
  /** Nothing can be made below a file; not by root either. */
  const below = (name: string) => {
    folder.write(name, "a file in the folder's place");
    return (...names: string[]) => folder.at(name, ...names);
  };
  const off = { state: "off", row: 8 };

  test.each<[what: string, places: () => Partial<Places>]>([
    ["nothing can wait", () => ({ state: below("state")("acme") })],
    ["the spool is a file", () => ({ spool: folder.write("spool", "") })],
    [
      "no preferences can be made",
      () => ({ preferences: below("config")("acme", "telemetry.json") }),
    ],
  ])("%s", (_what, places) => {
    expect(decision(places())).toMatchObject({ ...off, because: /can't be written/ });
  });

  test("nothing can wait behind a link to nothing", () => {
    symlinkSync(folder.at("unmounted"), folder.at("linked"));
    const state = folder.at("linked", "acme");
    expect(decision({ state })).toMatchObject({ ...off, because: /can't be written/ });
  });

  test("preferences that are there need not be written", () => {
    const preferences = folder.write("config/acme/telemetry.json", {});
    expect(decision({ preferences })).toMatchObject({ state: "on", row: 10 });
  });

  test("nor need preferences be made in a place that keeps none", () => {
    vi.stubEnv("DO_NOT_TRACK", undefined);
    const preferences = below("config")("acme", "telemetry.json");
    const situation = lookAround(subject({ preferences }), { ...view, makesPreferences: false });
    expect(decide(situation)).toMatchObject({ state: "on", row: 10 });
  });

  test("a link in the place of a folder of ours is none, wherever it leads", () => {
    const elsewhere = path.dirname(folder.write("elsewhere/x", ""));
    symlinkSync(elsewhere, folder.at("spool"));
    expect(decision({ spool: folder.at("spool") })).toMatchObject({ ...off, because: /is a link/ });
  });
});
