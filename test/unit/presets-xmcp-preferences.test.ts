import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { decide } from "../../src/consent/decide.ts";
import { identityOf } from "../../src/consent/identity.ts";
import { lookAround, readAllPreferences, type Subject } from "../../src/consent/look.ts";
import { xmcpsOwnPreferences } from "../../src/presets/xmcp-preferences.ts";
import { placesFor } from "../../src/support/paths.ts";
import { ownFolder } from "./own-folder.ts";

const folder = ownFolder();

const windows = { home: "C:\\Users\\jo", tmp: "C:\\Users\\jo\\AppData\\Local\\Temp" };

describe("xmcp's own preferences lie", () => {
  test.each<[NodeJS.Platform, home: string, tmp: string, own: string, cache: string]>([
    [
      ...(["linux", "/home/jo", "/tmp"] as const),
      ...(["/home/jo/.config/xmcp/telemetry.json", "/tmp/.xmcp-cache/telemetry.json"] as const),
    ],
    [
      ...(["darwin", "/Users/jo", "/var/folders/T"] as const),
      "/Users/jo/.config/xmcp/telemetry.json",
      "/var/folders/T/.xmcp-cache/telemetry.json",
    ],
    [
      ...(["win32", windows.home, windows.tmp] as const),
      `${windows.home}\\AppData\\Local\\xmcp\\telemetry.json`,
      `${windows.tmp}\\.xmcp-cache\\telemetry.json`,
    ],
  ])("on %s where that version writes them", (platform, home, tmp, own, cache) => {
    expect(xmcpsOwnPreferences({ platform, home, tmp })).toEqual([
      { file: own, format: "flat" },
      { file: cache, format: "flat", optOutOnly: true },
    ]);
  });

  test("nowhere where there is no home: not in the project that is being built", () => {
    const files = xmcpsOwnPreferences({ platform: "linux", home: "", tmp: "tmp" });
    expect(files).toEqual([]);
  });
});

const ids = { "telemetry.anonymousId": "a".repeat(64), "telemetry.salt": "b".repeat(32) };

/** The place, its separators aside, in which xmcp writes; below a home of the test's own. */
const places: [platform: NodeJS.Platform, file: string][] = [
  ["linux", ".config/xmcp/telemetry.json"],
  ["darwin", ".config/xmcp/telemetry.json"],
  ["win32", "AppData/Local/xmcp/telemetry.json"],
];
const cache = "tmp/.xmcp-cache/telemetry.json";

describe.each(places)("on %s", (platform, own) => {
  test.each([own, cache])("an opt-out in %s is found, and named as a choice", (file) => {
    write(file, { "telemetry.enabled": false, ...ids });
    expect(decision(platform)).toMatchObject({ state: "off", row: 9 });
  });

  test("a yes, and the id and salt that xmcp has made, count", () => {
    write(own, { "telemetry.enabled": true, "telemetry.notifiedAt": "1760000000000", ...ids });
    expect(decision(platform)).toMatchObject({ state: "on", row: 9 });
    expect(identityOf(readAllPreferences(subject(platform)))).toMatchObject({
      anonymousId: ids["telemetry.anonymousId"],
      salt: ids["telemetry.salt"],
    });
  });

  test("a yes and an id in the temporary folder, where anybody may write, count nothing", () => {
    write(cache, { "telemetry.enabled": true, ...ids });
    expect(decision(platform)).toMatchObject({ state: "on", row: 10 });
    expect(identityOf(readAllPreferences(subject(platform)))).toEqual({});
  });
});

/** As xmcp's own `set` writes it. */
function write(file: string, preferences: object): void {
  mkdirSync(path.dirname(folder.at(file)), { recursive: true });
  writeFileSync(folder.at(file), JSON.stringify(preferences, null, 2));
}

/** Another platform's rules, with this one's separators: only so can the files be read here. */
function subject(platform: NodeJS.Platform): Subject {
  const strange = platform === "win32" && process.platform !== "win32";
  const machine = strange
    ? { platform, home: `C:${folder.at("")}`, tmp: `C:${folder.at("tmp")}` }
    : { platform, home: folder.at(), tmp: folder.at("tmp") };
  const here = (file: string) =>
    strange ? file.replace(/^C:/, "").replaceAll("\\", path.sep) : file;
  return {
    name: "xmcp",
    version: "1.1.3",
    places: placesFor("xmcp", {
      env: {},
      platform: process.platform,
      home: folder.at("elsewhere"),
    }),
    offVariables: [],
    alsoRead: xmcpsOwnPreferences(machine).map((place) => ({ ...place, file: here(place.file) })),
  };
}

function decision(platform: NodeJS.Platform) {
  const view = {
    enabledByProduct: true,
    projectOff: false,
    inCI: false,
    ci: "send",
    consent: "opt-out",
  } as const;
  const situation = lookAround({ ...subject(platform) }, view);
  return decide({ ...situation, env: {}, policyOff: undefined });
}
