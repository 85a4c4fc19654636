import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { fixture, processesIn, senderGone, setUp } from "./harness.ts";

/** Seen before sent: what the notice says, when it is shown, and what becomes of a run that can't. */

async function setUpProduct() {
  const place = await setUp();
  const script = fixture("consent-product.mjs");
  const inHome = (extra: Record<string, string> = {}) =>
    ({ env: { ...place.env, ...extra }, extendEnv: false, reject: false }) as const;
  return {
    ...place,
    run: (options: object = {}, extra: Record<string, string> = {}) =>
      execa(process.execPath, [script, JSON.stringify(options)], inHome(extra)),
    /** With its stderr as the shell says. */
    runTo: (redirection: string, extra: Record<string, string> = {}) =>
      execa("sh", ["-c", `"$0" "$1" ${redirection}`, process.execPath, script], inHome(extra)),
  };
}

describe("the notice", () => {
  it("names the publisher, as far as the product states one", async () => {
    const { receiver, run } = await setUpProduct();
    const publisher = {
      name: "Acme Ltd",
      contact: "privacy@acme.dev",
      host: "Hetzner, Germany",
      retentionDays: 90,
    };
    const { stderr } = await run({ publisher });
    expect(stderr.split("\n")).toEqual([
      "",
      "acme (Acme Ltd) collects anonymous build telemetry: how long builds take, whether they",
      "succeed, and on what kind of machine. Never code, file names, messages or arguments.",
      `  Sent to:   ${new URL(receiver.url).host}, from the next run on`,
      "  Stored:    Hetzner, Germany, for 90 days",
      "  Contact:   privacy@acme.dev",
      "  Details:   https://acme.dev/telemetry",
      "  Turn off:  ACME_TELEMETRY_DISABLED=1, or: npx sendoff disable --name acme",
      "",
    ]);
  });

  it("is in the product's words, with what they leave out below them", async () => {
    const { receiver, run } = await setUpProduct();
    const { stderr } = await run({ words: "Acme counts builds. See https://acme.dev/telemetry" });
    expect(stderr.split("\n")).toEqual([
      "",
      "Acme counts builds. See https://acme.dev/telemetry",
      `  Sent to:   ${new URL(receiver.url).host}, from the next run on`,
      "  Turn off:  ACME_TELEMETRY_DISABLED=1, or: npx sendoff disable --name acme",
      "",
    ]);
  });

  it.each(["throws", "nothing"])("is in sendoff's words where the product's: %s", async (words) => {
    const { home, run } = await setUpProduct();
    const { stderr } = await run({ words });
    expect(stderr).toContain("acme collects anonymous build telemetry");
    expect(stderr).not.toContain("private words");
    expect(home.spool("acme")).toHaveLength(1);
  });

  it("is shown again when more is collected, and lists it whatever the product's words", async () => {
    const { run } = await setUpProduct();
    const words = "Acme counts builds.";
    await run({ words });
    expect((await run({ words })).stderr).toBe("");
    const { stderr } = await run({ words, grown: true });
    expect(stderr).toContain("Acme counts builds. And more.");
    expect(stderr).toContain("+ build:completed.toolsCount: How many tools.");
    expect(stderr).toContain("ACME_TELEMETRY_DISABLED=1");
    expect((await run({ words, grown: true })).stderr).toBe("");
  });

  it("is shown again when the same fields tell more, or go elsewhere", async () => {
    const { home, product } = await setUp();
    const run = (options: object) =>
      product("completed", { PRODUCT_OPTIONS: JSON.stringify(options) });
    await run({ identity: "none" });
    expect((await run({ identity: "none" })).stderr).toBe("");
    await senderGone(home.path);
    const endpoint = "https://elsewhere.invalid/v1/events";
    const { stderr } = await run({ metadata: "full", endpoint });
    expect(stderr).toContain("acme now collects more");
    expect(stderr).toContain("+ full metadata: The machine's figures as they are");
    expect(stderr).toContain("+ anonymousId: A random id of this installation.");
    expect(stderr).toContain("+ to elsewhere.invalid: Where it goes.");
    expect(stderr).not.toMatch(/\+ (metadata|build:)/);
    expect(home.spool("acme")).toHaveLength(1);
    expect((await run({ metadata: "full", endpoint })).stderr).toBe("");
  });

  it("that holds nothing back says so, and what it told of is sent", async () => {
    const { receiver, run } = await setUpProduct();
    const { stderr } = await run({ firstRun: "send" });
    expect(stderr).toContain("acme collects anonymous build telemetry");
    expect(stderr).not.toContain("next run");
    await receiver.waitForEvents(1);
  });

  it("is due beside preferences that a product's test has written, and holds that run back", async () => {
    const { home, receiver, run } = await setUpProduct();
    home.writePreferences("acme");
    expect((await run()).stderr).toContain("acme collects anonymous build telemetry");
    await senderGone(home.path);
    expect(home.spool("acme")).toHaveLength(1);
    expect(receiver.events).toHaveLength(0);
    expect((await run()).stderr).toBe("");
    await receiver.waitForEvents(2);
  });

  it("that a clock has shown which was years ahead holds nothing back", async () => {
    const { home, product, receiver } = await setUp();
    await product("completed");
    const file = path.join(home.stateFolder("acme"), "notices.json");
    const shown = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...shown, shownAt: Date.now() + 4e11 }));
    expect((await product("completed")).stderr).toBe("");
    await receiver.waitForEvents(2);
  });

  it("is not for what is kept here and never sent", async () => {
    const { home, run } = await setUpProduct();
    home.writePreferences("acme", { enabled: "local" });
    const { stderr } = await run();
    expect(stderr).toBe("");
    expect(home.spool("acme")).toEqual([]);
    expect(processesIn(home.path)).toEqual([]);
    const kept = readFileSync(path.join(home.stateFolder("acme"), "local.jsonl"), "utf8");
    expect(kept).toContain('"eventName":"build:completed"');
  });
});

const redirections: [what: string, redirection: string, missing?: string | undefined][] = [
  ["is closed", "2>&-"],
  ["goes nowhere", "2>/dev/null"],
  ["is full", "2>/dev/full", existsSync("/dev/full") ? undefined : "/dev/full"],
  ["is a reader that has gone", "2>&1 1>/dev/null | true"],
];

describe.skipIf(process.platform === "win32")("a run whose stderr (needs a Unix shell)", () => {
  for (const [what, redirection, missing] of redirections) {
    const test = missing ? it.skip : it;
    const needs = missing ? ` (needs ${missing})` : "";
    test(`${what} has not told, and records nothing; the next run tells${needs}`, async () => {
      const { home, receiver, run, runTo } = await setUpProduct();
      await runTo(redirection);
      expect(home.files()).toEqual([]);
      const next = await run();
      expect(next.stderr).toContain("acme collects anonymous build telemetry");
      expect(home.spool("acme")).toHaveLength(1);
      expect(receiver.connections).toBe(0);
    });
  }

  it("is closed has not told, in CI either", async () => {
    const { home, receiver, run, runTo } = await setUpProduct();
    await runTo("2>&-", { CI: "true" });
    expect(home.files()).toEqual([]);
    const next = await run({}, { CI: "true" });
    expect(next.stderr).toContain("acme: anonymous build telemetry goes to");
    await receiver.waitForEvents(1);
  });

  it("is closed is one like any other once the notice was seen", async () => {
    const { home, receiver, run, runTo } = await setUpProduct();
    await run();
    await runTo("2>&-");
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(home.spool("acme")).toEqual([]);
  });
});

describe("CI's one line", () => {
  it("is said once a run, however many of its processes flush at once, and again by the next", async () => {
    const { home, receiver, run } = await setUpProduct();
    for (let runs = 1; runs <= 3; runs++) {
      const { stderr } = await run({ children: 6 }, { CI: "true" });
      expect(stderr.match(/anonymous build telemetry goes to/g)).toHaveLength(1);
      await receiver.waitForEvents(7 * runs);
    }
    await senderGone(home.path);
    expect(home.files().filter((file) => file.includes("noticed-run"))).toHaveLength(1);
  });
});
