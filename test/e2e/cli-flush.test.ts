import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { expectReadable, setUpCli } from "./cli-harness.ts";
import { senderGone } from "./harness.ts";

describe("flush", () => {
  it("sends what waits, whatever the back-off, and says how it went", async () => {
    const { acme, build, home, receiver } = await setUpCli();
    await build();
    receiver.behave({ status: 503 });
    for (let i = 0; i < 2; i++) {
      await build();
      await senderGone(home.path);
    }
    // It may be over in a moment, or take a minute: the dice decide.
    const backoff = path.join(home.stateFolder("acme"), "backoff");
    for (const name of readdirSync(backoff)) {
      const minute = { failures: 1, until: Date.now() + 60_000 };
      writeFileSync(path.join(backoff, name), JSON.stringify(minute));
    }
    const status = await acme("status");
    const paused = /3 batches; the last attempt failed, the next is made after/;
    expect(status.stdout).toMatch(paused);
    const shown = (await acme("show")).stdout.match(/sent with the next build after .* failed/g);
    expect(shown).toHaveLength(3);
    // Where else the product sends by now changes nothing for them.
    const elsewhere = { ACME_TELEMETRY_ENDPOINT: "http://127.0.0.1:9/v1/events" };
    expect((await acme("status", elsewhere)).stdout).toMatch(paused);

    const failed = await acme("flush");
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toContain("Sent 0 of 3 batches.");
    expect(failed.stdout).toMatch(/127\.0\.0\.1:\d+: 503, kept for later/);
    expect(failed.stderr).toContain("acme telemetry doctor");
    expectReadable(failed);

    receiver.behave("accept");
    const sent = await acme("flush");
    expect(sent.exitCode).toBe(0);
    expect(sent.stdout).toMatch(/^Sent 3 of 3 batches to 127\.0\.0\.1:\d+\.$/);
    expect(home.spool("acme")).toEqual([]);
    expect(receiver.uniqueEvents).toHaveLength(3);
    expect((await acme("flush")).stdout).toBe("Nothing waits.");
  });

  it("sends by name alone, and what a first run holds back", async () => {
    const { build, receiver, sendoff } = await setUpCli();
    await build();
    expect((await sendoff("flush")).exitCode).toBe(0);
    expect(receiver.uniqueEvents).toHaveLength(1);
  });

  it.each<[no: string, options: object, env: Record<string, string>]>([
    [
      "another version's preferences",
      { preferences: { alsoRead: [{ file: "OLD", format: "flat" }] } },
      {},
    ],
    ["a variable of the product's own", { env: { disabled: ["NO_ACME"] } }, { NO_ACME: "1" }],
    ["an agreement that was taken back", { consent: "opt-in" }, {}],
  ])("by name alone hears %s", async (_, options, env) => {
    const { home, product, receiver, sendoff } = await setUpCli();
    const old = path.join(home.path, "old.json");
    const given = JSON.stringify(options).replace("OLD", JSON.stringify(old).slice(1, -1));
    home.writePreferences("acme", { enabled: true });
    receiver.behave({ status: 503 });
    // Of two batches one was tried, and is sealed.
    for (let i = 0; i < 2; i++) {
      await product("completed", { PRODUCT_OPTIONS: given });
      await senderGone(home.path);
    }
    const { length } = receiver.requests;
    expect(length).toBeGreaterThan(0);
    writeFileSync(old, '{ "telemetry.enabled": false }');
    rmSync(home.preferencesFile("acme"));
    const run = await sendoff("flush", env);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("2 batches wait, and nothing is sent: acme telemetry is off");
    expect(receiver.requests).toHaveLength(length);
  });

  it("says what was dropped, and why", async () => {
    const { acme, build, receiver } = await setUpCli();
    await build();
    receiver.behave({ status: 422 });
    const run = await acme("flush");
    expect(run.stdout).toContain("422, will never be taken, and is dropped");
  });

  it("sends nothing while telemetry is off", async () => {
    const { acme, build, home, receiver } = await setUpCli();
    await build();
    const run = await acme("flush", { DO_NOT_TRACK: "1" });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("acme telemetry is off, DO_NOT_TRACK is set");
    expect(receiver.connections).toBe(0);
    expect(home.spool("acme")).toHaveLength(1);
  });
});

describe("doctor", () => {
  it("finds nothing wrong where nothing is, and sends nothing of anybody", async () => {
    const { acme, home, receiver, settledIn } = await setUpCli();
    settledIn();
    const run = await acme("doctor");
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain(`✓ Node.js ${process.versions.node}`);
    expect(run.stdout).toMatch(/✓ the sender is .*sendoff-sender\.cjs/);
    expect(run.stdout).toMatch(/✓ 127\.0\.0\.1:\d+ answers/);
    expect(run.stdout).toContain("Nothing is wrong.");
    expectReadable(run);
    expect(receiver.requests).toMatchObject([{ method: "HEAD", body: "" }]);
    expect(home.files()).toHaveLength(1);
  });

  it("connects to nobody while telemetry is off", async () => {
    const { acme, receiver } = await setUpCli();
    const run = await acme("doctor", { DO_NOT_TRACK: "1" });
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("was not asked: telemetry is off");
    expect(receiver.connections).toBe(0);
  });

  it("names an endpoint that can't be reached, with the fix", async () => {
    const { acme, receiver } = await setUpCli();
    await receiver.stop();
    const run = await acme("doctor");
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(/✗ 127\.0\.0\.1:\d+ can't be reached \(ECONNREFUSED\)/);
    expect(run.stdout).toContain("1 problem found.");
    expectReadable(run);
  });

  it("names the proxy it went through, without its password", async () => {
    const { acme } = await setUpCli();
    const env = { ACME_TELEMETRY_ENDPOINT: "", HTTPS_PROXY: "http://ada:secret@127.0.0.1:9" };
    const run = await acme("doctor", env);
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toContain(
      "✗ telemetry.acme.dev can't be reached through the proxy 127.0.0.1:9 (ECONNREFUSED)",
    );
    expect(run.stdout).not.toContain("secret");
  });

  it("names preferences that are no JSON, and a file in a folder's place", async () => {
    const { acme, home, settledIn } = await setUpCli();
    settledIn();
    writeFileSync(home.preferencesFile("acme"), "{");
    const state = home.stateFolder("acme");
    mkdirSync(path.dirname(path.dirname(state)), { recursive: true });
    writeFileSync(path.dirname(state), "");
    const run = await acme("doctor");
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toContain("telemetry.json is not JSON");
    expect(run.stdout).toContain("is a file where a folder should be: move it away.");
    expectReadable(run);
    chmodSync(home.preferencesFile("acme"), 0o600);
  });

  it("names a file in the place of the folder for preferences", async () => {
    const { acme, home } = await setUpCli();
    const folder = path.dirname(home.preferencesFile("acme"));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(path.dirname(folder), { recursive: true });
    writeFileSync(folder, "");
    const run = await acme("doctor");
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toContain("is a file where a folder should be: move it away.");
    expectReadable(run);
  });

  it("tells of a sender at work", async () => {
    const { acme, build, home, receiver, settledIn } = await setUpCli();
    settledIn();
    await build();
    receiver.behave("hang");
    await build();
    await receiver.waitForRequests(1);
    const run = await acme("doctor");
    expect(run.stdout).toMatch(/· a sender is at work \(process \d+\)/);
    await acme("disable");
    await receiver.stop();
    await senderGone(home.path);
  });
});
