import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { expectReadable, setUpCli } from "./cli-harness.ts";
import { senderGone } from "./harness.ts";

type Cli = Awaited<ReturnType<typeof setUpCli>>;

async function setUpSent(): Promise<Cli & { id: string }> {
  const cli = await setUpCli();
  await cli.build();
  await cli.build();
  await cli.receiver.waitForRequests(2);
  await senderGone(cli.home.path);
  const id = JSON.parse(readFileSync(cli.home.preferencesFile("acme"), "utf8"));
  return { ...cli, id: id["telemetry.anonymousId"] };
}

const erasures = ({ receiver }: Cli) =>
  receiver.requests
    .filter(({ method }) => method === "DELETE")
    .map(({ body }) => JSON.parse(body) as unknown);

describe("erase", () => {
  it("deletes everything here, and asks for what was sent under this id", async () => {
    const cli = await setUpSent();
    const run = await cli.acme("erase");
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toMatch(/✓ 127\.0\.0\.1:\d+ has deleted what it held/);
    expectReadable(run);
    expect(erasures(cli)).toEqual([{ anonymousId: cli.id }]);
    expect(cli.receiver.requests.at(-1)?.headers["content-type"]).toBe("application/json");
    expect(cli.home.files()).toEqual([]);
    // The next build is a first one.
    const next = await cli.build();
    expect(next.stderr).toContain("collects anonymous build telemetry");
    const preferences = JSON.parse(readFileSync(cli.home.preferencesFile("acme"), "utf8"));
    expect(preferences["telemetry.anonymousId"]).not.toBe(cli.id);
  });

  it("asks by name alone those who took something", async () => {
    const cli = await setUpSent();
    expect((await cli.sendoff("erase")).exitCode).toBe(0);
    expect(erasures(cli)).toEqual([{ anonymousId: cli.id }]);
  });

  it("keeps an opt-out", async () => {
    const cli = await setUpCli();
    cli.home.writePreferences("acme", { enabled: false, anonymousId: "a".repeat(64) });
    expect((await cli.acme("erase")).exitCode).toBe(0);
    expect(erasures(cli)).toEqual([{ anonymousId: "a".repeat(64) }]);
    expect(readFileSync(cli.home.preferencesFile("acme"), "utf8")).toBe(
      '{\n  "telemetry.enabled": false\n}\n',
    );
  });

  it("leaves telemetry off where the preferences could not be read", async () => {
    const cli = await setUpCli();
    cli.settledIn();
    writeFileSync(cli.home.preferencesFile("acme"), '{ "telemetry.enabled": fal');
    await cli.acme("erase");
    expect(JSON.parse((await cli.acme("status --json")).stdout).state).toBe("off");
  });

  it("asks under the ids of earlier periods too", async () => {
    const cli = await setUpCli();
    const years = 2.5 * 365 * 24 * 60 * 60 * 1000;
    const { "telemetry.anonymousId": first } = cli.home.writePreferences("acme", {
      notifiedAt: Date.now() - years,
    });
    await cli.build();
    await cli.build();
    await cli.receiver.waitForRequests(2);
    await senderGone(cli.home.path);
    const now = cli.receiver.requests[0]?.payload.context.anonymousId;
    expect(now).not.toBe(first);
    await cli.acme("erase");
    const asked = erasures(cli) as { anonymousId: string }[];
    expect(asked).toHaveLength(3);
    expect(asked.map(({ anonymousId }) => anonymousId)).toEqual(
      expect.arrayContaining([first, now]),
    );
  });

  it("by name alone too, however long the product's periods are", async () => {
    const cli = await setUpCli();
    const days = 100 * 24 * 60 * 60 * 1000;
    cli.home.writePreferences("acme", { notifiedAt: Date.now() - days });
    const monthly = { PRODUCT_OPTIONS: JSON.stringify({ rotateDays: 30 }) };
    await cli.product("completed", monthly);
    await cli.product("completed", monthly);
    await cli.receiver.waitForEvents(2);
    await senderGone(cli.home.path);
    expect((await cli.sendoff("erase")).exitCode).toBe(0);
    expect(erasures(cli)).toHaveLength(4);
  });

  it("is one trouble an endpoint for doctor, however many ids it asks for", async () => {
    const { acme, home, receiver } = await setUpCli();
    const years = 2 * 365 * 24 * 60 * 60 * 1000;
    home.writePreferences("acme", { notifiedAt: Date.now() - years });
    receiver.behave({ status: 503 });
    await acme("erase");
    expect((await acme("status")).stdout).toContain("3 not confirmed yet");
    const { stdout } = await acme("doctor");
    expect(stdout.match(/has not confirmed an erasure/g)).toHaveLength(1);
  });

  it("promises no sender where telemetry is off", async () => {
    const { acme, home, receiver } = await setUpCli();
    home.writePreferences("acme", { enabled: false, anonymousId: "a".repeat(64) });
    receiver.behave({ status: 503 });
    const run = await acme("erase");
    expect(run.stderr).toContain("it is asked again\n  by: acme telemetry erase");
    expect((await acme("doctor")).stdout).toContain("It is asked again by: acme telemetry erase");
  });

  it("remembers whom it could not reach; the next sender asks again", async () => {
    const cli = await setUpSent();
    const { acme, build, home, receiver } = cli;
    receiver.behave({ status: 503 });
    const failed = await acme("erase");
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toMatch(/✗ 127\.0\.0\.1:\d+ has not confirmed it \(503\)/);
    expectReadable(failed);
    const left = home.files();
    expect(left.filter((file) => !file.includes("/backoff/"))).toMatchObject([
      expect.stringMatching(/\/erasures\/.*\.json$/),
    ]);
    expect((await acme("status")).stdout).toContain("1 not confirmed yet");
    expect((await acme("doctor")).stdout).toContain("has not confirmed an erasure");

    receiver.behave("accept");
    // As time would.
    for (const file of left.filter((file) => file.includes("/backoff/"))) {
      writeFileSync(path.join(home.path, file), "{}");
    }
    await build();
    await build();
    await receiver.waitForEvents(4);
    await senderGone(home.path);
    expect(erasures(cli)).toEqual([{ anonymousId: cli.id }, { anonymousId: cli.id }]);
    expect(readdirSync(path.join(home.stateFolder("acme"), "erasures"))).toEqual([]);
  });

  it("asks again when it is called again", async () => {
    const cli = await setUpSent();
    cli.receiver.behave({ status: 405 });
    expect((await cli.acme("erase")).exitCode).toBe(1);
    cli.receiver.behave("accept");
    const again = await cli.acme("erase");
    expect(again.exitCode).toBe(0);
    expect(again.stdout).toContain("has deleted what it held");
    expect(cli.home.files()).toEqual([]);
  });

  it("stops a sender at work, and asks once its last request has ended", async () => {
    const cli = await setUpCli();
    const { acme, build, home, receiver } = cli;
    await build();
    receiver.behave("accept", { delay: 1000 });
    await build();
    await receiver.waitForRequests(1);
    const run = await acme("erase");
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("has deleted what it held");
    const methods = receiver.requests.map(({ method }) => method);
    // The sender, too, asks for what it finds when it ends.
    expect(methods.at(-1)).toBe("DELETE");
    expect(methods.lastIndexOf("POST")).toBeLessThan(methods.indexOf("DELETE"));
    const [sent, asked] = [methods.lastIndexOf("POST"), methods.length - 1].map((i) =>
      Number(receiver.requests[i]?.receivedAt),
    ) as [number, number];
    expect(asked - sent).toBeGreaterThan(1000);
    await senderGone(home.path);
    expect(existsSync(path.join(home.stateFolder("acme"), "sent.jsonl"))).toBe(false);
    expect(receiver.requests.map(({ method }) => method)).toEqual(methods);
  });

  it("has nobody to ask where there is no id", async () => {
    const cli = await setUpCli();
    const run = await cli.acme("erase");
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("Nothing of acme was here.\nThere was no id to ask with.");
    expect(cli.home.files()).toEqual([]);
    expect(cli.receiver.connections).toBe(0);
  });
});
