import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { fixture, setUp } from "./harness.ts";

describe("debug", () => {
  it("shows state, event, payload and answer on stderr, and leaves stdout as it is", async () => {
    const { product, receiver } = await setUp();
    const plain = await product("completed");
    const run = await product("completed", { ACME_DEBUG_TELEMETRY: "true" });
    expect(run.stdout).toBe(plain.stdout);
    const lines = run.stderr.split("\n");
    expect(lines.every((line) => line.startsWith("[telemetry] "))).toBe(true);
    expect(run.stderr).toContain("[telemetry] on: nothing says otherwise");
    expect(run.stderr).toContain('[telemetry] event {"eventName":"build:completed"');
    expect(run.stderr).toContain("answered 202");
    const shown = lines.filter((line) => line.startsWith("[telemetry] sending "));
    const payloads = shown.map((line) => line.slice("[telemetry] sending ".length));
    expect(payloads.sort()).toEqual(receiver.requests.map(({ body }) => body).sort());
  });

  it("says of an event that takes another's place that it is not one more", async () => {
    const { product } = await setUp();
    const run = await product("amended", { ACME_DEBUG_TELEMETRY: "1" });
    const events = run.stderr.split("\n").filter((line) => line.startsWith("[telemetry] event"));
    expect(events.map((line) => line.replace(/\{.*/, ""))).toEqual([
      "[telemetry] event ",
      "[telemetry] event, changed, ",
    ]);
  });

  it("dry: shows the payload, sends nothing, leaves nothing", async () => {
    const { home, product, receiver } = await setUp();
    const run = await product("completed", { ACME_DEBUG_TELEMETRY: "dry" });
    expect(run.stderr).toContain("[telemetry] would send {");
    expect(receiver.connections).toBe(0);
    expect(home.files()).toEqual([]);
  });

  it("dry: needs no folder of anybody's", async () => {
    const { home, product } = await setUp();
    const missing = path.join(home.path, "missing");
    const run = await product("completed", { ACME_DEBUG_TELEMETRY: "dry", TMPDIR: missing });
    expect(run.stderr).toContain("[telemetry] would send {");
  });

  it.each<[row: string, bundler: string, options: object, env: Record<string, string>]>([
    ["DO_NOT_TRACK is set", "esbuild", {}, { DO_NOT_TRACK: "1" }],
    ["the product has turned it off", "esbuild", { enabled: false }, {}],
    ["the product has turned it off", "none", { enabled: false }, {}],
  ])("says that %s, in a build by %s", async (because, bundler, given, extra) => {
    const { env } = await setUp();
    const options = JSON.stringify({ name: "acme", ...given });
    const run = await execa(process.execPath, [fixture("off-build.mjs"), bundler, options], {
      env: { ...env, ...extra, ACME_DEBUG_TELEMETRY: "1" },
      extendEnv: false,
    });
    expect(run.stderr).toContain(`[telemetry] off: ${because}`);
  });

  it("says of bad input what was dropped and why, without its content", async () => {
    const { home, product } = await setUp();
    const run = await product("bad-input", { ACME_DEBUG_TELEMETRY: "1" });
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toBe("building\nbuilt");
    for (const line of [
      "dropped eventName: is not defined; defined are build:completed, build:failed",
      "dropped build:completed.success: should be true or false, is a string",
      "dropped build:completed.duration: should be a number from 0 to",
      "dropped build:completed.outputSize: should be a number from 0 to",
      "dropped build:completed.secret: is not defined",
      "dropped build:completed.duration: could not be read",
      "dropped event: should be an object { eventName, fields }",
    ]) {
      expect(run.stderr).toContain(line);
    }
    expect(run.stderr).not.toContain("private words");
    const recorded = home.spool("acme").flatMap(({ batch }) => batch?.content?.events ?? []);
    expect(recorded.map(({ fields }) => fields)).toEqual([
      { productVersion: "1.1.3" },
      { productVersion: "1.1.3" },
      { success: true, productVersion: "1.1.3" },
    ]);
  });
});
