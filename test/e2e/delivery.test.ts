import { existsSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { expectEvent } from "sendoff/testing";
import { describe, expect, it } from "vitest";
import { fixture, flushCommand, processesIn, senderGone, setUp } from "./harness.ts";

describe("a first run on a machine that persists", () => {
  it("shows the notice and sends nothing; the second run has both delivered", async () => {
    const { home, product, receiver } = await setUp();
    const first = await product("completed");
    expect(first.stderr).toContain("acme collects anonymous build telemetry");
    expect(first.stderr).toContain(new URL(receiver.url).host);
    expect(first.stderr).toContain("https://acme.dev/telemetry");
    expect(first.stderr).toContain("ACME_TELEMETRY_DISABLED=1");
    expect(processesIn(home.path)).toEqual([]);
    expect(receiver.connections).toBe(0);
    expect(home.spool("acme")).toHaveLength(1);

    const second = await product("completed");
    expect(second.stderr).toBe("");
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(home.spool("acme")).toEqual([]);
    expect(receiver.uniqueEvents).toHaveLength(receiver.events.length);
    expectEvent(receiver, { eventName: "build:completed", fields: { duration: 1235 } });
  });

  it("shows the notice again, listing what was added, when the definitions grow", async () => {
    const { home, product, receiver } = await setUp();
    await product("completed");
    await product("completed");
    await receiver.waitForEvents(2);
    await senderGone(home.path); // One started before the notice must not send what it holds back.
    const grown = await product("grown");
    expect(grown.stderr).toContain("acme now collects more");
    expect(grown.stderr).toContain("build:completed.toolsCount: How many tools.");
    expect(grown.stderr).not.toContain("outputSize");
    expect((await product("grown")).stderr).toBe("");
    await receiver.waitForEvents(4);
  });

  it("makes one id and one salt, however many first runs there are at once", async () => {
    const { env, home, product, receiver } = await setUp();
    await Promise.all(Array.from({ length: 50 }, () => product("completed")));
    await senderGone(home.path);
    await flushCommand(env);
    expect(receiver.uniqueEvents).toHaveLength(50);
    const contexts = receiver.requests.map(({ payload }) => payload.context);
    const preferences = JSON.parse(readFileSync(home.preferencesFile("acme"), "utf8"));
    expect(new Set(contexts.map(({ anonymousId }) => anonymousId))).toEqual(
      new Set([preferences["telemetry.anonymousId"]]),
    );
    expect(new Set(contexts.map(({ projectHash }) => projectHash)).size).toBe(1);
  });
});

describe("what a build has recorded", () => {
  it("survives process.exit() right after the flush, with its exit code", async () => {
    const { product, receiver, settledIn } = await setUp();
    settledIn();
    expect((await product("completed")).exitCode).toBe(0); // Shows the notice.
    const run = await product("exit-3");
    expect(run.exitCode).toBe(3);
    expect(run.stdout).toBe("building\nbuilt");
    await receiver.waitForEvents(2);
  });

  it("is on disk when record's promise resolves, without a flush", async () => {
    const { home, product } = await setUp();
    await product("awaited");
    expect(home.spool("acme")).toHaveLength(1);
  });

  it("is one batch a process, however often it flushes", async () => {
    const { home, product } = await setUp();
    await product("three-flushes");
    const [spooled, ...others] = home.spool("acme");
    expect(others).toEqual([]);
    expect(spooled?.batch?.content?.events).toHaveLength(3);
  });

  it("is split into batches that fit into a request", async () => {
    const { home, product, receiver } = await setUp();
    await product("many");
    expect(home.spool("acme").length).toBeGreaterThanOrEqual(3);
    await product("completed");
    await receiver.waitForEvents(251);
    await senderGone(home.path);
    expect(receiver.events).toHaveLength(251);
    for (const request of receiver.requests) {
      expect(Buffer.byteLength(request.body)).toBeLessThanOrEqual(64 * 1024);
    }
  });

  it("stays open where the build is killed, and is sent once it is ten minutes old", async () => {
    const { home, product, receiver } = await setUp();
    await product("completed");
    await product("die");
    const open = home.spool("acme").filter(({ file }) => file.endsWith("_open.json"));
    expect(open).toHaveLength(1);
    await product("completed");
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(home.spool("acme")).toHaveLength(1);

    await execa("touch", [
      "-d",
      "11 minutes ago",
      `${home.stateFolder("acme")}/spool/${open[0]?.file}`,
    ]);
    await product("completed");
    await receiver.waitForEvents(4);
  });

  it("is opened by no other user: folders 0700, files 0600", async () => {
    const { home, product } = await setUp();
    await product("completed");
    const { stdout } = await execa("find", [home.stateFolder("acme"), "-printf", "%y %m\n"]);
    expect(new Set(stdout.split("\n"))).toEqual(new Set(["d 700", "f 600"]));
  });
});

describe("an endpoint that accepts and never answers", () => {
  it("keeps neither the batch from waiting nor the sender alive, and is served once it is back", async () => {
    const { env, home, product, receiver } = await setUp();
    await product("completed");
    receiver.behave("hang");
    await product("completed");
    await receiver.waitForConnection();
    await senderGone(home.path);
    expect(home.spool("acme")).toHaveLength(2);
    const tried = receiver.requests.length;
    expect(tried).toBeGreaterThan(0);

    receiver.behave("accept");
    const flushed = await flushCommand(env);
    expect(flushed.stdout).toContain("Sent 2 of 2 batches");
    expect(receiver.uniqueEvents).toHaveLength(2);
    expect(home.spool("acme")).toEqual([]);
    // A repeat is the same, byte for byte.
    const bodies = receiver.requests.map(({ body }) => body);
    expect(new Set(bodies).size).toBe(2);
  });

  it("starts no further sender while the back-off lasts", async () => {
    const { home, product, receiver, env } = await setUp();
    await product("completed");
    receiver.behave({ status: 503 });
    await product("completed");
    await receiver.waitForRequests(2);
    await senderGone(home.path);
    // Full jitter may have chosen a moment that is over: set it to one that is not.
    const { stdout: file } = await execa("find", [
      `${home.stateFolder("acme")}/backoff`,
      "-type",
      "f",
    ]);
    expect(file).toMatch(/http-[0-9a-f]{8}\.json$/);
    const seen = receiver.requests.length;
    await execa("sh", [
      "-c",
      `printf '{"failures":1,"until":%s}' ${Date.now() + 60_000} > "${file}"`,
    ]);
    await product("completed");
    expect(processesIn(home.path)).toEqual([]);
    expect(receiver.requests).toHaveLength(seen);

    receiver.behave("accept");
    expect((await flushCommand(env)).exitCode).toBe(0);
    expect(receiver.uniqueEvents).toHaveLength(3);
    expect(existsSync(file)).toBe(false);
  });
});

describe("what an answer means", () => {
  it.each([
    [202, "deleted", 1],
    [400, "deleted", 1],
    [422, "deleted", 1],
    [404, "waits", 1],
    [301, "waits", 1],
    [500, "waits", 2],
  ])("%i: fate: %s, after %i request(s)", async (status, fate, requests) => {
    const { home, product, receiver } = await setUp();
    await product("completed");
    receiver.behave({ status });
    // The second run only has the first one's batch sent: it is off for itself.
    await flushCommand({ ...home.env, ACME_TELEMETRY_ENDPOINT: receiver.url });
    expect(receiver.requests).toHaveLength(requests);
    expect(home.spool("acme")).toHaveLength(fate === "waits" ? 1 : 0);
  });

  it("413: smaller requests, with ids made from the batch's", async () => {
    const { env, home, product, receiver } = await setUp();
    await product("three-flushes");
    receiver.behave((request) => ({ status: request.payload.events.length > 1 ? 413 : 202 }));
    await flushCommand(env);
    expect(home.spool("acme")).toEqual([]);
    const accepted = receiver.requests.filter(({ payload }) => payload.events.length === 1);
    const batchId = receiver.requests[0]?.payload.batchId;
    expect(accepted.map(({ payload }) => payload.batchId)).toEqual([
      `${batchId}.0.0`,
      `${batchId}.0.1`,
      `${batchId}.1`,
    ]);
    expect(receiver.uniqueEvents).toHaveLength(3);
  });

  it("410: nothing is recorded for this version any more", async () => {
    const { env, home, product, receiver } = await setUp();
    await product("completed");
    receiver.behave({ status: 410 });
    await flushCommand(env);
    const seen = receiver.requests.length;
    const run = await product("completed", { ACME_DEBUG_TELEMETRY: "1" });
    expect(run.stderr).toContain("takes nothing from this version");
    expect(home.spool("acme")).toEqual([]);
    expect(receiver.requests).toHaveLength(seen);
  });
});

describe("builds that end together", () => {
  it("are served by a few senders, each event once", async () => {
    const { env, home, product, receiver } = await setUp();
    await product("completed");
    await Promise.all(Array.from({ length: 30 }, () => product("completed")));
    await senderGone(home.path);
    await flushCommand(env);
    expect(receiver.uniqueEvents).toHaveLength(31);
    // On a slow machine the endpoint may answer too late, and gets the same batch again.
    const batches = receiver.requests.map(({ payload }) => payload?.batchId);
    expect(receiver.events.length - 31).toBe(batches.length - new Set(batches).size);
    expect(home.spool("acme")).toEqual([]);
  });
});

describe("a sender", () => {
  it("shows nothing but Node and its own file in the process list", async () => {
    const { home, product, receiver } = await setUp();
    receiver.behave("hang");
    await product("completed");
    await product("completed");
    await receiver.waitForConnection();
    const [pid] = processesIn(home.path);
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0").filter(Boolean);
    expect(commandLine).toHaveLength(2);
    expect(commandLine[1]).toMatch(/sender\.(mjs|cjs)$/);
    expect(readFileSync(`/proc/${pid}/environ`, "latin1")).not.toContain("NODE_OPTIONS");
    process.kill(pid as number, "SIGKILL");
    expect(fixture("product.mjs")).not.toBe(commandLine[1]);
  });
});
