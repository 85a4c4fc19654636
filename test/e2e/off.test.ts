import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { fixture, processesIn, setUp } from "./harness.ts";

const denoWithoutRun = `--import=${pathToFileURL(fixture("deno-without-run.mjs")).href}`;

/** Off is off: no file, no process, no connection, and what is there stays as it is. */
describe("a build with telemetry turned off", () => {
  it.each([
    ["DO_NOT_TRACK", "completed", { DO_NOT_TRACK: "1" }],
    ["the product's variable", "completed", { ACME_TELEMETRY_DISABLED: "1" }],
    ["the product's variable, in words", "completed", { ACME_TELEMETRY_DISABLED: "true" }],
    ["the product's option", "off", {}],
    ["an option that resolves to false", "off-config", {}],
    ["an option that never resolves", "never-config", {}],
    ["opt-in without consent", "opt-in", {}],
    ["CI, which the product skips", "skip-ci", { CI: "true" }],
    ["Deno's permissions", "completed", { NODE_OPTIONS: denoWithoutRun }],
  ])("by %s leaves nothing", async (_, scenario, env) => {
    const { home, product, receiver } = await setUp();
    const run = await product(scenario, env);
    expect(run.stdout).toBe("building\nbuilt");
    expect(run.stderr).toBe("");
    expect(home.files()).toEqual([]);
    expect(processesIn(home.path)).toEqual([]);
    expect(receiver.connections).toBe(0);
  });

  it.runIf(process.platform === "linux")("by a home that takes no folders ends", async () => {
    const { env, home } = await setUp();
    const elsewhere = { XDG_CONFIG_HOME: "/proc/acme/config", XDG_STATE_HOME: "/proc/acme/state" };
    const run = await execa(process.execPath, [fixture("product.mjs"), "completed"], {
      env: { ...env, ...elsewhere },
      extendEnv: false,
      reject: false,
      timeout: 30_000,
      killSignal: "SIGKILL",
    });
    expect(run.stdout).toBe("building\nbuilt");
    expect(run.timedOut).toBe(false);
    expect(home.files()).toEqual([]);
  });

  it("by the preferences leaves them as they are", async () => {
    const { home, product, receiver } = await setUp();
    home.writePreferences("acme", { enabled: false });
    const before = readFileSync(home.preferencesFile("acme"), "utf8");
    const run = await product("completed");
    expect(run.stderr).toBe("");
    expect(readFileSync(home.preferencesFile("acme"), "utf8")).toBe(before);
    expect(home.files()).toEqual([path.relative(home.path, home.preferencesFile("acme"))]);
    expect(receiver.connections).toBe(0);
  });

  it.each(["{ not json", "[]", '{ "telemetry.enabled": "maybe" }', ""])(
    "by preferences that can't be understood: %j",
    async (text) => {
      const { home, product } = await setUp();
      home.writePreferences("acme", {});
      writeFileSync(home.preferencesFile("acme"), text);
      await product("completed");
      expect(home.files()).toHaveLength(1);
      expect(readFileSync(home.preferencesFile("acme"), "utf8")).toBe(text);
      const debugged = await product("completed", { ACME_DEBUG_TELEMETRY: "1" });
      expect(debugged.stderr).toContain(home.preferencesFile("acme"));
    },
  );

  it("by the preferences of another version of the product, in their own format", async () => {
    const { home, product } = await setUp();
    const file = path.join(home.path, "other.json");
    writeFileSync(file, JSON.stringify({ telemetry: { enabled: false } }));
    await product("other-preferences", {}, file);
    expect(home.files()).toEqual(["other.json"]);
  });

  it("by the project's package.json", async () => {
    const { home, product } = await setUp();
    const project = path.join(home.path, "project");
    mkdirSync(project);
    writeFileSync(path.join(project, "package.json"), '{"acme":{"telemetry":false}}');
    const files = home.files();
    await product("in-folder", {}, project);
    expect(home.files()).toEqual(files);
  });
});

/** Some tools put an object of their own in the place of `process.env`, which makes no strings. */
describe("an environment whose values are no strings", () => {
  const preload = (env: object) => {
    const code = `process.env = { ...process.env, ...${JSON.stringify(env)} };`;
    return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
  };

  it.each([{ DO_NOT_TRACK: 1 }, { ACME_TELEMETRY_DISABLED: true }])(
    "turns it off, too: %j",
    async (env) => {
      const { home, product } = await setUp();
      const run = await product("completed", preload(env));
      expect(run.stdout).toBe("building\nbuilt");
      expect(run.stderr).toBe("");
      expect(home.files()).toEqual([]);
    },
  );

  it("throws nothing into the build, and counts it", async () => {
    const { home, product } = await setUp();
    const flags = { DO_NOT_TRACK: 0, ACME_TELEMETRY_DISABLED: false, ACME_DEBUG_TELEMETRY: 0 };
    const others = { AI_AGENT: 1, CI: false, NODE: 5, npm_config_user_agent: 5, TERM_PROGRAM: 1 };
    const run = await product("completed", preload({ ...flags, ...others }));
    expect(run.stdout).toBe("building\nbuilt");
    expect(run.exitCode).toBe(0);
    expect(home.spool("acme")).toHaveLength(1);
  });

  it("is off where the home is none", async () => {
    const { product } = await setUp();
    const run = await product("completed", preload({ HOME: 5, XDG_CONFIG_HOME: 5 }));
    expect(run.stdout).toBe("building\nbuilt");
    expect(run.stderr).toBe("");
  });
});

// Windows removes no folder that somebody is in.
it.runIf(process.platform !== "win32")(
  "a build whose working directory is gone is not held to know what its project says",
  async () => {
    const { home, product } = await setUp();
    const alsoRead = [{ file: "other.json", format: "flat" }];
    const options = JSON.stringify({ preferences: { alsoRead } });
    const run = await product("folder-gone", { PRODUCT_OPTIONS: options });
    expect(run.stderr).toBe("");
    expect(run.stdout).toBe("building\noff 8 the working directory is gone\nbuilt");
    expect(home.files()).toEqual([]);
  },
);

describe("turning it off", () => {
  it("between a build's start and its end holds", async () => {
    const { home, product, receiver } = await setUp();
    await product("disabled-meanwhile");
    expect(home.spool("acme")).toEqual([]);
    expect(
      JSON.parse(readFileSync(home.preferencesFile("acme"), "utf8"))["telemetry.enabled"],
    ).toBe(false);
    await product("completed");
    expect(home.spool("acme")).toEqual([]);
    expect(receiver.connections).toBe(0);
  });

  it("deletes the id, the salt, and what waits", async () => {
    const { home, product } = await setUp();
    await product("completed");
    await product("disabled-meanwhile");
    const preferences = JSON.parse(readFileSync(home.preferencesFile("acme"), "utf8"));
    expect(Object.keys(preferences).sort()).toEqual(["telemetry.enabled", "telemetry.notifiedAt"]);
    expect(home.spool("acme")).toEqual([]);
  });
});

describe("a product whose configuration loads late", () => {
  it("records once it is known that it may", async () => {
    const { home, product } = await setUp();
    await product("slow-config");
    expect(home.spool("acme")).toHaveLength(1);
  });
});

describe("CI", () => {
  it("gets one line a run, no id, and is sent at once", async () => {
    const { home, product, receiver } = await setUp();
    const run = await product("completed", { CI: "true", GITHUB_ACTIONS: "true" });
    expect(run.stderr.split("\n")).toHaveLength(1);
    expect(run.stderr).toContain("ACME_TELEMETRY_DISABLED=1 turns it off");
    await receiver.waitForEvents(1);
    expect(receiver.requests[0]?.payload.context).toMatchObject({
      anonymousId: "ci.github_actions",
      projectHash: null,
    });
    expect(home.files().some((file) => file.startsWith("config"))).toBe(false);
  });
});
