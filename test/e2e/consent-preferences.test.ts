import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { fixture, senderGone, setUp } from "./harness.ts";

/** `preferences.alsoRead`: what was chosen with another version of the product holds for this one. */

type Format = "flat" | "nested";

async function setUpPreferences() {
  const place = await setUp();
  const { env, home } = place;
  const at = (name: string) => path.join(home.path, name);
  return {
    ...place,
    at,
    write: (name: string, content: object, indent: string | number = 2) =>
      writeFileSync(at(name), JSON.stringify(content, null, indent)),
    /** Reading these files too; `print` has what it returns printed. */
    async run(files: Record<string, Format>, options: object = {}) {
      const alsoRead = Object.entries(files).map(([file, format]) => ({ file: at(file), format }));
      const all = JSON.stringify({ preferences: { alsoRead }, print: "status", ...options });
      const command = [fixture("consent-product.mjs"), all];
      const { stdout } = await execa(process.execPath, command, { env, extendEnv: false });
      return JSON.parse(stdout.split("\n")[1] ?? "");
    },
    own: () => JSON.parse(readFileSync(home.preferencesFile("acme"), "utf8")),
  };
}

const ids = { anonymousId: "a".repeat(64), salt: "b".repeat(32) };

/** As those write them, with what they keep beside it. */
const written: [by: string, format: Format, content: (enabled: boolean) => object][] = [
  ["conf, by path", "nested", (enabled) => ({ telemetry: { enabled, notifiedAt: "1", ...ids } })],
  ["conf, by key", "flat", (enabled) => ({ "telemetry.enabled": enabled, other: { x: 1 } })],
  [
    "Astro, in its config.json",
    "nested",
    (enabled) => ({ telemetry: { anonymousId: ids.anonymousId, notifyVersion: "1", enabled } }),
  ],
];

describe("preferences of another version", () => {
  it.each(written)(
    "that %s has written: an opt-out holds, and so does a yes",
    async (_, format, content) => {
      const { home, run, write } = await setUpPreferences();
      write("config.json", content(false), "\t");
      expect(await run({ "config.json": format })).toMatchObject({ state: "off", row: 9 });
      expect(home.files()).toEqual(["config.json"]);
      write("config.json", content(true), "\t");
      const consent = "opt-in";
      expect(await run({ "config.json": format }, { consent })).toMatchObject({
        state: "on",
        row: 9,
      });
      expect(home.spool("acme")).toHaveLength(1);
    },
  );

  it.each<[own: unknown, others: unknown[], state: string]>([
    [true, [false], "off"],
    [false, [true], "off"],
    [undefined, [true, false], "off"],
    ["local", [false], "off"],
    [true, ["local"], "local"],
    [undefined, [true], "on"],
  ])("of %j here and %j there make: %s", async (own, others, state) => {
    const { home, run, write } = await setUpPreferences();
    if (own !== undefined) home.writePreferences("acme", { enabled: own as boolean });
    const files = others.map((enabled, i) => {
      write(`${i}.json`, { telemetry: { enabled } });
      return [`${i}.json`, "nested"] as const;
    });
    expect(await run(Object.fromEntries(files))).toMatchObject({ state, row: 9 });
  });

  it("that can't be read turn it off, and stay as they are", async () => {
    const { at, home, run } = await setUpPreferences();
    writeFileSync(at("config.json"), '{ "telemetry": { "ena');
    expect(await run({ "config.json": "nested" })).toMatchObject({
      state: "off",
      row: 8,
      because: expect.stringContaining(at("config.json")),
    });
    expect(home.files()).toEqual(["config.json"]);
  });

  it.each<[string, object, Format]>([
    ["flat", { "telemetry.anonymousId": ids.anonymousId, "telemetry.salt": ids.salt }, "flat"],
    ["nested", { telemetry: ids }, "nested"],
  ])("keep their id and salt, %s", async (_, content, format) => {
    const { own, receiver, run, write } = await setUpPreferences();
    write("config.json", content);
    for (let runs = 0; runs < 2; runs++) await run({ "config.json": format });
    await receiver.waitForEvents(2);
    expect(own()).toMatchObject({
      "telemetry.anonymousId": ids.anonymousId,
      "telemetry.salt": ids.salt,
    });
    const sent = receiver.requests.map(({ payload }) => payload.context.anonymousId);
    expect(new Set(sent)).toEqual(new Set([ids.anonymousId]));
  });

  it("keep an id that came without a salt, and it gets one", async () => {
    const { own, run, write } = await setUpPreferences();
    write("config.json", { telemetry: { anonymousId: ids.anonymousId } });
    await run({ "config.json": "nested" });
    expect(own()["telemetry.anonymousId"]).toBe(ids.anonymousId);
    expect(own()["telemetry.salt"]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("give their id to who agrees, and not to who has said no before", async () => {
    const { own, run, write } = await setUpPreferences();
    write("config.json", { telemetry: ids });
    const files = { "config.json": "nested" } as const;
    await run(files, { choose: true });
    expect(own()["telemetry.anonymousId"]).toBe(ids.anonymousId);
    await run(files, { choose: false });
    expect(own()).not.toHaveProperty("telemetry.anonymousId");
    await run(files, { choose: true });
    expect(own()["telemetry.anonymousId"]).toMatch(/^[0-9a-f]{64}$/);
    expect(own()["telemetry.anonymousId"]).not.toBe(ids.anonymousId);
  });

  it("are read at every flush: an opt-out between two holds for the second", async () => {
    const { at, home, run, write } = await setUpPreferences();
    write("config.json", { telemetry: {} });
    const meanwhile = { file: at("config.json"), text: '{ "telemetry": { "enabled": false } }' };
    await run({ "config.json": "nested" }, { meanwhile });
    await senderGone(home.path);
    // What the first flush had written is deleted by the build itself as it settles.
    expect(home.spool("acme")).toEqual([]);
  });
});
