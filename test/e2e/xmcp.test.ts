import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { expectEvent } from "sendoff/testing";
import { describe, expect, it } from "vitest";
import { fixture, processesIn, setUp } from "./harness.ts";

async function setUpXmcp() {
  const place = await setUp();
  const env = { ...place.env, XMCP_TELEMETRY_ENDPOINT: place.receiver.url };
  const own = path.join(place.home.env.HOME as string, ".config", "xmcp", "telemetry.json");
  return {
    ...place,
    build: (args: string[] = [], extra: Record<string, string> = {}) =>
      execa(process.execPath, [fixture("xmcp-product.mjs"), ...args], {
        env: { ...env, ...extra },
        extendEnv: false,
      }),
    /** Writes what xmcp itself would, where it does. */
    writeOwn(preferences: object, file = own) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(preferences, null, 2));
      return file;
    },
  };
}

const ids = {
  "telemetry.notifiedAt": "1760000000000",
  "telemetry.anonymousId": "a".repeat(64),
  "telemetry.salt": "b".repeat(32),
};

describe("the xmcp preset", () => {
  it("sends xmcp's event, with its fields and in full", async () => {
    const { build, receiver } = await setUpXmcp();
    await build();
    await build();
    await receiver.waitForEvents(2);
    expectEvent(receiver, {
      eventName: "build:completed",
      fields: {
        success: true,
        duration: 812,
        toolsCount: 3,
        reactToolsCount: 1,
        promptsCount: 0,
        resourcesCount: 2,
        outputSize: 4096,
        transport: "http",
        adapter: "nextjs",
        nodeVersion: process.version,
        xmcpVersion: "1.1.3",
      },
    });
    const payload = receiver.requests[0]?.payload;
    expect(payload?.meta).toHaveProperty("cpuModel");
    expect(payload?.events[0]?.timestamp).not.toMatch(/:00:00\.000Z$/);
  });

  it.each([
    ["./src/tools/secret-tool.ts", "UnknownError"],
    ["Module parse failed: Unexpected token (3:7) const secret = 1", "ModuleParseError"],
    ["  × TS2322: Type 'secret' is not assignable to type 'number'.", "TS2322"],
    ["secret: a word that is on no list", "UnknownError"],
    ["ModuleNotFoundError", "ModuleNotFoundError"],
  ])("sends no file name and no source line as errorType: %j", async (errorType, sent) => {
    const { build, home } = await setUpXmcp();
    await build(["failed", errorType]);
    const events = home.spool("xmcp").flatMap(({ batch }) => batch?.content?.events ?? []);
    expect(events[0]?.fields).toMatchObject({ errorPhase: "webpack", errorType: sent });
    expect(JSON.stringify(home.spool("xmcp"))).not.toContain("secret");
  });

  it("is off by XMCP_TELEMETRY_DISABLED", async () => {
    const { build, home, receiver } = await setUpXmcp();
    await build([], { XMCP_TELEMETRY_DISABLED: "1" });
    expect(home.files()).toEqual([]);
    expect(receiver.connections).toBe(0);
  });

  it("is off by an opt-out where xmcp itself keeps it, whatever XDG_CONFIG_HOME says", async () => {
    const { build, home, receiver, writeOwn } = await setUpXmcp();
    const file = writeOwn({ "telemetry.enabled": false, ...ids });
    const before = readFileSync(file, "utf8");
    await build();
    expect(home.files()).toEqual([path.relative(home.path, file)]);
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(processesIn(home.path)).toEqual([]);
    expect(receiver.connections).toBe(0);
  });

  it("is off by an opt-out in xmcp's place for CI and Docker", async () => {
    const { build, home, writeOwn } = await setUpXmcp();
    const temporary = path.join(home.path, "tmp");
    writeOwn({ "telemetry.enabled": false }, path.join(temporary, ".xmcp-cache", "telemetry.json"));
    await build([], { TMPDIR: temporary });
    expect(home.spool("xmcp")).toEqual([]);
  });

  it("keeps the id and the salt that xmcp has made, and shows its own notice", async () => {
    const { build, home, receiver, writeOwn } = await setUpXmcp();
    writeOwn(ids);
    const first = await build();
    expect(first.stderr).toContain("xmcp collects anonymous build telemetry");
    expect(receiver.connections).toBe(0);
    const own = JSON.parse(readFileSync(home.preferencesFile("xmcp"), "utf8"));
    expect(own["telemetry.anonymousId"]).toBe(ids["telemetry.anonymousId"]);
    expect(own["telemetry.salt"]).toBe(ids["telemetry.salt"]);
    await build();
    await receiver.waitForEvents(2);
    expect(receiver.requests[0]?.payload.context.anonymousId).toBe(ids["telemetry.anonymousId"]);
  });

  it("shows state, event, payload and answer with XMCP_DEBUG_TELEMETRY=true, on stderr only", async () => {
    const { build } = await setUpXmcp();
    const plain = await build();
    const debugged = await build([], { XMCP_DEBUG_TELEMETRY: "true" });
    expect(debugged.stdout).toBe(plain.stdout);
    for (const part of ["on: ", "event {", "sending {", "answered 202"]) {
      expect(debugged.stderr).toContain(
        `[telemetry] ${part}`.replace("[telemetry] answered", "answered"),
      );
    }
  });
});
