import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { fixture, senderGone, setUp } from "./harness.ts";
import { inTerminal, missingForTerminals } from "./terminal.ts";

/** `consent: "opt-in"`: somebody is asked, at a terminal and nowhere else, and the answer holds. */

async function setUpAsking() {
  const place = await setUp();
  const { home } = place;
  const note = path.join(home.path, "asked.json");
  const command = (answer: unknown, options: object) => [
    process.execPath,
    fixture("consent-product.mjs"),
    JSON.stringify({ consent: "opt-in", ask: { note, answer }, ...options }),
  ];
  return {
    ...place,
    /** In a terminal. */
    run: (answer: unknown, options: object = {}, extra: Record<string, string> = {}) =>
      inTerminal(command(answer, options), { ...place.env, ...extra }),
    runTyping: (typed: string) =>
      inTerminal(command("typed", {}), place.env, { after: "Share? ", typed }),
    /** With pipes. */
    runWithout: () => {
      const [file = "", ...args] = command(true, {});
      return execa(file, args, { env: place.env, extendEnv: false, input: "y\n" });
    },
    isAsked: () => existsSync(note),
    question: () => JSON.parse(readFileSync(note, "utf8")),
    preferences: () => JSON.parse(readFileSync(home.preferencesFile("acme"), "utf8")),
    /** Everything but the note. */
    files: () => home.files().filter((file) => file !== "asked.json"),
  };
}

const needs = missingForTerminals ? ` (needs ${missingForTerminals})` : "";

describe.skipIf(missingForTerminals)(`a product that asks first${needs}`, () => {
  it("is told a typed yes, which holds, and is sent from the next run on", async () => {
    const { home, receiver, run, runTyping, preferences } = await setUpAsking();
    const first = await runTyping("y");
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.shown).toContain("answered: true");
    expect(preferences()["telemetry.enabled"]).toBe(true);
    expect(home.spool("acme")).toHaveLength(1);
    expect(receiver.connections).toBe(0);

    const second = await run(false);
    // Neither asked nor told again.
    expect(second.shown.trim()).toBe("building\nanswered: undefined");
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    const { "telemetry.anonymousId": id } = preferences();
    expect(receiver.requests.map(({ payload }) => payload.context.anonymousId)).toEqual([id, id]);
  });

  it("is told a typed no, which holds: no id, nothing recorded, and nobody asked again", async () => {
    const { files, home, preferences, run, runTyping } = await setUpAsking();
    expect((await runTyping("n")).shown).toContain("answered: false");
    expect(preferences()).toEqual({ "telemetry.enabled": false });
    expect((await run(true)).shown).toContain("answered: undefined");
    expect(files()).toEqual([path.relative(home.path, home.preferencesFile("acme"))]);
  });

  it("shows the notice, and a payload as it would be sent", async () => {
    const { home, question, receiver, run } = await setUpAsking();
    await run(true, { firstRun: "send" });
    await receiver.waitForEvents(1);
    await senderGone(home.path);
    const { text, sample } = question();
    expect(text).toMatch(/^acme collects anonymous build telemetry/);
    expect(text).toContain("ACME_TELEMETRY_DISABLED=1");
    const sent = JSON.parse(receiver.requests[0]?.body ?? "");
    expect(Object.keys(sample)).toEqual(Object.keys(sent));
    expect(Object.keys(sample.context)).toEqual(Object.keys(sent.context));
    // A clock changes; and what the build takes for a container, a sender may not.
    const machine = { cpuSpeed: expect.anything(), isDocker: expect.any(Boolean) };
    expect(sample.meta).toEqual({ ...sent.meta, ...machine });
    expect(Object.keys(sample.meta)).toEqual(Object.keys(sent.meta));
    expect(sample.definitions).toBe(sent.definitions);
    expect(Object.keys(sample.events[0])).toEqual(Object.keys(sent.events[0]));
    const names = sample.events.map(({ eventName }: { eventName: string }) => eventName);
    expect(names).toEqual(["build:completed", "build:failed", "usage:rollup"]);
    expect(sample.events[0].fields).toMatchObject({ success: true, duration: expect.any(Number) });
    // An example's id is nobody's.
    expect(sample.context.anonymousId).toMatch(/^[0-9a-f]{64}$/);
    expect(sample.context.anonymousId).not.toBe(sent.context.anonymousId);
  });

  it.each(["throws", undefined, "yes", null])(
    "stores nothing of %j, and asks again",
    async (answer) => {
      const { files, isAsked, run } = await setUpAsking();
      const { exitCode, shown } = await run(answer);
      expect(exitCode).toBe(0);
      expect(shown.trim()).toBe("building\nanswered: undefined");
      expect(isAsked()).toBe(true);
      expect(files()).toEqual([]);
      await run(true);
      expect(files()).not.toEqual([]);
    },
  );

  it("keeps the id of another version when the answer is yes", async () => {
    const { home, preferences, run } = await setUpAsking();
    const file = path.join(home.path, "other.json");
    const anonymousId = "c".repeat(64);
    writeFileSync(file, JSON.stringify({ telemetry: { anonymousId } }));
    await run(true, { preferences: { alsoRead: [{ file, format: "nested" }] } });
    expect(preferences()).toMatchObject({
      "telemetry.enabled": true,
      "telemetry.anonymousId": anonymousId,
      "telemetry.salt": expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it.each<[what: string, options: object, env: Record<string, string>]>([
    ["in CI", {}, { CI: "true" }],
    ["where the product has turned it off", { enabled: false }, {}],
    ["where DO_NOT_TRACK is set", {}, { DO_NOT_TRACK: "1" }],
    ["where the product's variable is set", {}, { ACME_TELEMETRY_DISABLED: "1" }],
    ["where a dry run would store nothing", {}, { ACME_DEBUG_TELEMETRY: "dry" }],
    ["where it is on until somebody says no", { consent: "opt-out" }, {}],
  ])("asks nobody %s", async (_, options, env) => {
    const { isAsked, run } = await setUpAsking();
    const { shown } = await run(true, options, env);
    expect(shown).toContain("answered: undefined");
    expect(isAsked()).toBe(false);
  });

  it.each([true, false, "local"] as const)("asks nobody who has chosen: %j", async (enabled) => {
    const { home, isAsked, run } = await setUpAsking();
    home.writePreferences("acme", { enabled });
    const before = readFileSync(home.preferencesFile("acme"), "utf8");
    await run(true);
    expect(isAsked()).toBe(false);
    expect(readFileSync(home.preferencesFile("acme"), "utf8")).toBe(before);
  });

  it("asks nobody where the preferences can't be read", async () => {
    const { home, isAsked, run } = await setUpAsking();
    mkdirSync(home.preferencesFile("acme"), { recursive: true });
    await run(true);
    expect(isAsked()).toBe(false);
  });
});

it("a product that asks first asks nobody without a terminal, and leaves nothing", async () => {
  const { home, isAsked, runWithout } = await setUpAsking();
  const { stdout, stderr } = await runWithout();
  expect(stdout).toBe("building\nanswered: undefined");
  expect(stderr).toBe("");
  expect(isAsked()).toBe(false);
  expect(home.files()).toEqual([]);
});
