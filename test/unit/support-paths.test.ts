import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Places, placesFor, type Surroundings } from "../../src/support/paths.ts";

const on = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv = {}): Surroundings => ({
  platform,
  env,
  home: platform === "win32" ? "C:\\Users\\jo" : platform === "darwin" ? "/Users/jo" : "/home/jo",
});

describe("preferences, state and policies lie where the platform keeps such things", () => {
  const macSupport = "/Users/jo/Library/Application Support";
  test.each<[what: string, around: Surroundings, expected: Partial<Places>]>([
    [
      "on Linux",
      on("linux"),
      {
        preferences: "/home/jo/.config/acme/telemetry.json",
        state: "/home/jo/.local/state/acme/telemetry",
        spool: "/home/jo/.local/state/acme/telemetry/spool",
        policies: ["/etc/acme/telemetry.json", "/etc/sendoff/telemetry.json"],
      },
    ],
    [
      "on Linux with XDG folders",
      on("linux", { XDG_CONFIG_HOME: "/x/config", XDG_STATE_HOME: "/x/state" }),
      {
        preferences: "/x/config/acme/telemetry.json",
        state: "/x/state/acme/telemetry",
        spool: "/x/state/acme/telemetry/spool",
      },
    ],
    [
      "on Linux with XDG folders that are relative, and so don't count",
      on("linux", { XDG_CONFIG_HOME: ".config", XDG_STATE_HOME: "./state" }),
      {
        preferences: "/home/jo/.config/acme/telemetry.json",
        state: "/home/jo/.local/state/acme/telemetry",
      },
    ],
    [
      "on Linux with XDG folders that are empty, and so don't count",
      on("linux", { XDG_CONFIG_HOME: "", XDG_STATE_HOME: "" }),
      {
        preferences: "/home/jo/.config/acme/telemetry.json",
        state: "/home/jo/.local/state/acme/telemetry",
      },
    ],
    [
      "on another Unix as on Linux",
      on("freebsd"),
      { preferences: "/home/jo/.config/acme/telemetry.json" },
    ],
    [
      "on macOS",
      on("darwin"),
      {
        preferences: "/Users/jo/Library/Preferences/acme/telemetry.json",
        state: `${macSupport}/acme/telemetry`,
        spool: `${macSupport}/acme/telemetry/spool`,
        policies: [
          "/Library/Application Support/acme/telemetry.json",
          "/Library/Application Support/sendoff/telemetry.json",
        ],
      },
    ],
    [
      "on macOS with XDG folders",
      on("darwin", { XDG_CONFIG_HOME: "/x/config", XDG_STATE_HOME: "state" }),
      {
        preferences: "/x/config/acme/telemetry.json",
        state: `${macSupport}/acme/telemetry`,
      },
    ],
    [
      "on Windows",
      on("win32"),
      {
        preferences: "C:\\Users\\jo\\AppData\\Roaming\\acme\\telemetry.json",
        state: "C:\\Users\\jo\\AppData\\Local\\acme\\telemetry",
        spool: "C:\\Users\\jo\\AppData\\Local\\acme\\telemetry\\spool",
        policies: [
          "C:\\ProgramData\\acme\\telemetry.json",
          "C:\\ProgramData\\sendoff\\telemetry.json",
        ],
      },
    ],
    [
      "on Windows with its own variables",
      on("win32", { APPDATA: "D:\\r", LOCALAPPDATA: "D:\\l", PROGRAMDATA: "D:\\p" }),
      {
        preferences: "D:\\r\\acme\\telemetry.json",
        state: "D:\\l\\acme\\telemetry",
        policies: ["D:\\p\\acme\\telemetry.json", "D:\\p\\sendoff\\telemetry.json"],
      },
    ],
    [
      "on Windows with variables that are relative, and so don't count",
      on("win32", { APPDATA: "r", LOCALAPPDATA: "..\\l", PROGRAMDATA: "p" }),
      {
        preferences: "C:\\Users\\jo\\AppData\\Roaming\\acme\\telemetry.json",
        state: "C:\\Users\\jo\\AppData\\Local\\acme\\telemetry",
        policies: [
          "C:\\ProgramData\\acme\\telemetry.json",
          "C:\\ProgramData\\sendoff\\telemetry.json",
        ],
      },
    ],
    [
      "on Windows with XDG folders, which rank above its own",
      on("win32", { APPDATA: "D:\\r", XDG_CONFIG_HOME: "D:\\x", XDG_STATE_HOME: "D:\\s" }),
      { preferences: "D:\\x\\acme\\telemetry.json", state: "D:\\s\\acme\\telemetry" },
    ],
  ])("%s", (_what, around, expected) => {
    expect(placesFor("acme", around)).toMatchObject(expected);
  });
});

test.each(["linux", "darwin", "win32"] as const)(
  "on %s all that is kept lies below the state folder, each in a place of its own",
  (platform) => {
    const { preferences, policies: _, state, ...kept } = placesFor("acme", on(platform));
    const { relative } = platform === "win32" ? path.win32 : path.posix;
    const places = Object.values(kept).map((place) => relative(state, place));
    for (const place of places) expect(place).toMatch(/^[a-z]/);
    expect(new Set(places).size).toBe(places.length);
    expect(relative(state, preferences)).toMatch(/^\.\./);
  },
);

test("two products share nothing but the machine's policy", () => {
  const [acme, other] = [placesFor("acme", on("linux")), placesFor("other", on("linux"))];
  const shared = Object.values(acme)
    .flat()
    .filter((place) => Object.values(other).flat().includes(place));
  expect(shared).toEqual(["/etc/sendoff/telemetry.json"]);
});

test("without a home the places are relative, by which that shows", () => {
  const { preferences, state } = placesFor("acme", { ...on("linux"), home: "" });
  expect([path.posix.isAbsolute(preferences), path.posix.isAbsolute(state)]).toEqual([
    false,
    false,
  ]);
});
