import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  createPreferences,
  newIdentity,
  preferencesText,
} from "../../src/consent/make-preferences.ts";
import { type PreferencesFile, readPreferences } from "../../src/consent/preferences.ts";
import { ownFolder } from "./own-folder.ts";

const folder = ownFolder();
let file: string;
beforeEach(() => {
  file = folder.at("config", "acme", "telemetry.json");
});

const anonymousId = "ab".repeat(32);
const salt = "cd".repeat(16);

function reading(text: string, options: Partial<PreferencesFile> = {}) {
  folder.write("config/acme/telemetry.json", text);
  return readPreferences({ file, format: "flat", ...options });
}

describe("what preferences say is read", () => {
  const all = { enabled: true, notifiedAt: 1_700_000_000_000, anonymousId, salt };
  const flat = Object.fromEntries(Object.entries(all).map(([key, v]) => [`telemetry.${key}`, v]));

  test.each<[what: string, json: unknown, format: PreferencesFile["format"], expected: object]>([
    ["flat", flat, "flat", all],
    ["nested", { telemetry: all }, "nested", all],
    [
      "flat, of other settings too",
      { theme: "dark", "telemetry.enabled": false },
      "flat",
      { enabled: false },
    ],
    [
      "nested, of other settings too",
      { theme: "dark", telemetry: { enabled: false } },
      "nested",
      { enabled: false },
    ],
    ["local", { "telemetry.enabled": "local" }, "flat", { enabled: "local" }],
    [
      "a no by hand, as in a policy",
      { telemetry: false, ...flat },
      "flat",
      { ...all, enabled: false },
    ],
    ["a longer one", { telemetry: { enabled: false } }, "flat", { enabled: false }],
    ["a yes by hand is nobody's agreement", { telemetry: true }, "flat", {}],
    ["another setting of that name", { telemetry: { level: 1 } }, "flat", {}],
    ["empty", {}, "flat", {}],
    ["nested, empty", {}, "nested", {}],
    [
      "a moment that is text",
      { "telemetry.notifiedAt": "1700000000000" },
      "flat",
      { notifiedAt: 1_700_000_000_000 },
    ],
    ["a moment that is none", { "telemetry.notifiedAt": "yesterday" }, "flat", {}],
    ["a moment before all", { "telemetry.notifiedAt": -5 }, "flat", {}],
    ["an id that is too short", { "telemetry.anonymousId": "ab" }, "flat", {}],
    ["an id that is a name", { "telemetry.anonymousId": "jo@example.com" }, "flat", {}],
    ["a salt that is a number", { "telemetry.salt": 12 }, "flat", {}],
    ["a salt with capitals", { "telemetry.salt": salt.toUpperCase() }, "flat", {}],
  ])("%s", (_what, json, format, expected) => {
    expect(reading(JSON.stringify(json), { format })).toEqual({
      is: "read",
      preferences: expected,
    });
  });
});

test("no file is no opinion, also where a folder on the way is a file", () => {
  const absent = { is: "absent" };
  expect(readPreferences({ file, format: "flat" })).toEqual(absent);
  folder.write("config", "");
  expect(readPreferences({ file, format: "flat" })).toEqual(absent);
});

describe("what can't be understood is unreadable, and the file is named", () => {
  test.each<[what: string, text: string, format: PreferencesFile["format"], problem: string]>([
    ["an empty file", "", "flat", "is not JSON"],
    ["half a file", '{"telemetry.enabled": fal', "flat", "is not JSON"],
    ["a list", "[false]", "flat", "is not a JSON object"],
    ["null", "null", "flat", "is not a JSON object"],
    ["false", "false", "nested", "is not a JSON object"],
    ["a choice in words", '{"telemetry.enabled": "no"}', "flat", "is no choice"],
    ["a choice in capitals", '{"telemetry.enabled": "LOCAL"}', "flat", "is no choice"],
    ["a choice in numbers", '{"telemetry.enabled": 0}', "flat", "is no choice"],
    ["a choice of null", '{"telemetry.enabled": null}', "flat", "is no choice"],
    ["a nested choice in words", '{"telemetry": {"enabled": "off"}}', "nested", "is no choice"],
    ["a choice by hand, in words", '{"telemetry": "off"}', "flat", "is no choice"],
    ["a short no", '{"telemetry": false}', "nested", "is no object"],
    ["a short no in words", '{"telemetry": "off"}', "nested", "is no object"],
  ])("%s", (_what, text, format, problem) => {
    const found = reading(text, { format });
    expect(found).toEqual({
      is: "unreadable",
      problem: expect.stringContaining(problem),
    });
    expect(found).toHaveProperty("problem", expect.stringContaining(file));
  });

  test("a folder in its place", () => {
    mkdirSync(file, { recursive: true });
    expect(readPreferences({ file, format: "flat" })).toEqual({
      is: "unreadable",
      problem: `${file} can't be read (EISDIR)`,
    });
  });

  test.each(["config", "config/acme", "config/acme/telemetry.json"])(
    "a link to nothing in the place of %s",
    (link) => {
      mkdirSync(path.dirname(folder.at(link)), { recursive: true });
      symlinkSync(folder.at("unmounted/x"), folder.at(link));
      expect(readPreferences({ file, format: "flat" })).toEqual({
        is: "unreadable",
        problem: `${file} is behind a dead link`,
      });
    },
  );

  test("a file torn at any length, but for its end", () => {
    const text = preferencesText({ enabled: true, anonymousId, salt, notifiedAt: 1 });
    for (let length = 0; length < text.trimEnd().length; length++) {
      expect(reading(text.slice(0, length)).is).toBe("unreadable");
    }
  });
});

describe("a file that others can write is asked for a no, and for nothing else", () => {
  test.each([
    [{ "telemetry.enabled": false, "telemetry.anonymousId": anonymousId }, { enabled: false }],
    [{ "telemetry.enabled": true, "telemetry.anonymousId": anonymousId }, undefined],
    [{ "telemetry.enabled": "local", "telemetry.salt": salt }, undefined],
    [{ "telemetry.anonymousId": anonymousId }, undefined],
  ])("%j", (json, preferences) => {
    expect(reading(JSON.stringify(json), { optOutOnly: true })).toEqual(
      preferences ? { is: "read", preferences } : { is: "absent" },
    );
  });

  test("one that can't be read may be a no", () => {
    expect(reading("{", { optOutOnly: true }).is).toBe("unreadable");
  });
});

test("what is written is read again as it was", () => {
  const preferences = {
    enabled: "local",
    notifiedAt: 1_700_000_000_000,
    ...newIdentity(),
  } as const;
  expect(reading(preferencesText(preferences))).toEqual({ is: "read", preferences });
  expect(reading(preferencesText({}))).toEqual({ is: "read", preferences: {} });
});

test("id and salt are random, and of the length that is read", () => {
  const [one, other] = [newIdentity(), newIdentity()];
  expect(one.anonymousId).toMatch(/^[0-9a-f]{64}$/);
  expect(one.salt).toMatch(/^[0-9a-f]{32}$/);
  expect(other.anonymousId).not.toBe(one.anonymousId);
  expect(other.salt).not.toBe(one.salt);
});

describe("preferences are created", () => {
  test("with their folders, for nobody else to read, and without a draft left", () => {
    createPreferences(file, { anonymousId, salt });
    expect(readPreferences({ file, format: "flat" })).toEqual({
      is: "read",
      preferences: { anonymousId, salt },
    });
    expect(readdirSync(path.dirname(file))).toEqual(["telemetry.json"]);
    if (process.platform === "win32") return;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  });

  test("once: the file that was first stays, byte for byte", () => {
    createPreferences(file, { enabled: false });
    const first = readFileSync(file);
    createPreferences(file, { enabled: true, anonymousId, salt });
    expect(readFileSync(file)).toEqual(first);
    expect(readdirSync(path.dirname(file))).toEqual(["telemetry.json"]);
  });

  test("or a file that can't be read stays as it is", () => {
    folder.write("config/acme/telemetry.json", "");
    createPreferences(file, { anonymousId, salt });
    expect(readFileSync(file, "utf8")).toBe("");
  });

  test("by one of many processes that start at once, and as a whole", async () => {
    const source = path.resolve("src/consent/make-preferences.ts");
    const { build } = await import("esbuild");
    const script = folder.at("create.mjs");
    const contents = `import { createPreferences, newIdentity } from ${JSON.stringify(source)};
      process.stdin.once("data", () => {
        createPreferences(${JSON.stringify(file)}, newIdentity());
        process.exit();
      });
      process.stdout.write("ready");`;
    await build({
      stdin: { contents, resolveDir: "." },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: script,
      logLevel: "error",
    });
    const builds = Array.from({ length: 8 }, () => spawn(process.execPath, [script]));
    await Promise.all(builds.map((build) => once(build.stdout, "data")));
    const seen = new Set<string>();
    const ends = builds.map(async (build) => {
      build.stdin.write("go");
      const [code] = await once(build, "exit");
      seen.add(readFileSync(file, "utf8"));
      return code;
    });
    expect(await Promise.all(ends)).toEqual(builds.map(() => 0));
    expect(seen.size).toBe(1);
    expect(readPreferences({ file, format: "flat" }).is).toBe("read");
    expect(readdirSync(path.dirname(file))).toEqual(["telemetry.json"]);
  });

  test("not at all where the folder can't be written, and it is said", () => {
    folder.write("config/acme", "a file in its place");
    expect(() => createPreferences(file, { anonymousId, salt })).toThrow(/EEXIST|ENOTDIR/);
  });
});
