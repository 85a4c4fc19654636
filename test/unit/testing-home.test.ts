import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type IsolatedHome, isolatedHome } from "../../src/testing/index.ts";
import { quietEnv } from "../../src/testing/quiet-env.ts";

let home: IsolatedHome;
beforeEach(() => {
  home = isolatedHome();
});
afterEach(() => {
  home.remove();
  vi.unstubAllEnvs();
});

test("a home is empty, its own, and gone when removed", () => {
  const other = isolatedHome();
  expect(home.files()).toEqual([]);
  expect(other.path).not.toBe(home.path);
  other.remove();
  expect(existsSync(other.path)).toBe(false);
  other.remove();
});

test("everything a product or a build keeps lies in it", () => {
  const { HOME, USERPROFILE, XDG_CONFIG_HOME, XDG_STATE_HOME, APPDATA, LOCALAPPDATA } = home.env;
  const places = [
    ...[HOME, USERPROFILE, XDG_CONFIG_HOME, XDG_STATE_HOME, APPDATA, LOCALAPPDATA],
    ...[home.preferencesFile("acme"), home.stateFolder("acme")],
  ];
  for (const place of places) expect(place?.startsWith(home.path + path.sep)).toBe(true);
  const script = "process.stdout.write(require('node:os').homedir())";
  const options = { env: home.env, encoding: "utf8" } as const;
  expect(execFileSync(process.execPath, ["-e", script], options)).toBe(HOME);
});

describe("the environment", () => {
  test("has nothing that changes telemetry's mind", () => {
    const telling = [
      ...["CI", "BUILD_ID", "GITHUB_ACTIONS", "DO_NOT_TRACK", "ACME_TELEMETRY_DISABLED"],
      ...["XMCP_DEBUG_TELEMETRY", "ACME_TELEMETRY_ENDPOINT", "SENDOFF_SENDER", "CLAUDECODE"],
      ...["HTTPS_PROXY", "no_proxy", "npm_config_proxy", "npm_config_user_agent", "NODE_OPTIONS"],
      ...["NODE_V8_COVERAGE", "VITEST_WORKER_ID", "XDG_CONFIG_HOME", "AI_AGENT"],
    ];
    expect(quietEnv(Object.fromEntries(telling.map((name) => [name, "1"])))).toEqual({});
  });

  test("keeps the rest", () => {
    const env = { PATH: "/bin", Path: "C:\\bin", LANG: "C", TMPDIR: "/tmp", CITY: "Ulm" };
    expect(quietEnv(env)).toEqual(env);
  });

  test("knows every variable that ci-info looks at", () => {
    const file = createRequire(import.meta.url).resolve("ci-info/vendors.json");
    const vendors: { env: unknown }[] = JSON.parse(readFileSync(file, "utf8"));
    const names = vendors.flatMap(({ env }) => namesIn(env));
    expect(names.length).toBeGreaterThan(50);
    expect(quietEnv(Object.fromEntries(names.map((name) => [name, "1"])))).toEqual({});
  });

  test("takes further variables, and gives some up", () => {
    vi.stubEnv("LANG", "C");
    const { env } = isolatedHomeOnce({ env: { CI: "1", LANG: undefined } });
    expect(env.CI).toBe("1");
    expect("LANG" in env).toBe(false);
  });
});

describe.each([true, false])("asked for a container: %s", (container) => {
  test.each([
    ["ESM", ["--input-type=module", "-e"], "import { existsSync } from 'node:fs';"],
    ["CommonJS", ["-e"], "const { existsSync } = require('node:fs');"],
  ])("a build sees one (%s), wherever the test runs", (_, flags, first) => {
    const { env } = isolatedHomeOnce({ container });
    const script = `${first} process.stdout.write(String(existsSync("/.dockerenv")))`;
    const seen = execFileSync(process.execPath, [...flags, script], { env, encoding: "utf8" });
    expect(seen).toBe(String(container));
  });
});

describe("preferences", () => {
  const written = () => JSON.parse(readFileSync(home.preferencesFile("acme"), "utf8"));

  test("are as if the notice had been shown", () => {
    const content = home.writePreferences("acme");
    expect(content).toEqual({
      "telemetry.enabled": true,
      "telemetry.notifiedAt": "1700000000000",
      "telemetry.anonymousId": expect.stringMatching(/^[0-9a-f]{64}$/),
      "telemetry.salt": expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(written()).toEqual(content);
    expect(home.files()).toHaveLength(1);
  });

  test("that say no have neither id nor salt", () => {
    home.writePreferences("acme", { enabled: false });
    expect(written()).toEqual({
      "telemetry.enabled": false,
      "telemetry.notifiedAt": "1700000000000",
    });
  });

  test("are as told", () => {
    home.writePreferences("acme", {
      enabled: "local",
      anonymousId: "a".repeat(64),
      salt: null,
      notifiedAt: null,
    });
    expect(written()).toEqual({
      "telemetry.enabled": "local",
      "telemetry.anonymousId": "a".repeat(64),
    });
  });
});

test("the spool is read by name, torn files too", () => {
  expect(home.spool("acme")).toEqual([]);
  const folder = path.join(home.stateFolder("acme"), "spool");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "2_open.json"), '{ "events": [');
  writeFileSync(path.join(folder, "1_events.json"), '{ "events": [] }');
  writeFileSync(path.join(folder, "1_events.json.7.x.tmp"), "");
  expect(home.spool("acme")).toEqual([
    { file: "1_events.json", batch: { events: [] } },
    { file: "2_open.json", batch: undefined },
  ]);
});

/** Only its environment is looked at while the test runs. */
function isolatedHomeOnce(options: Parameters<typeof isolatedHome>[0]) {
  home.remove();
  home = isolatedHome(options);
  return home;
}

/** ci-info's conditions: names, lists of them, or objects keyed by or holding them. */
function namesIn(condition: unknown): string[] {
  if (typeof condition === "string") return [condition];
  if (Array.isArray(condition)) return condition.flatMap(namesIn);
  const { env, any, ...equal } = condition as { env?: string; any?: string[] };
  if (env !== undefined) return [env];
  return any ?? Object.keys(equal);
}
