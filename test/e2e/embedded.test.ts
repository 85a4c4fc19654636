import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { fixture, flushCommand, processesIn, senderGone, setUp } from "./harness.ts";
import { buildSingleFile, singleFileProblem } from "./single-file.ts";

/** Where no detached Node can be started, and what would be started in its place is the app. */
describe("a single-file executable", () => {
  const problem = singleFileProblem();

  async function setUpApp(callsFirst: boolean) {
    const place = await setUp();
    const { env, home } = place;
    const starts = path.join(home.path, "starts");
    const define = { "process.env.CALLS_FIRST": String(callsFirst) };
    const file = await buildSingleFile(fixture("embedded.mjs"), define, home.path);
    return {
      ...place,
      app: (extra: Record<string, string> = {}) =>
        execa(file, ["with", "arguments"], {
          env: { ...env, STARTS: starts, ...extra },
          extendEnv: false,
          reject: false,
        }),
      starts: () => readFileSync(starts, "utf8").split("started").length - 1,
    };
  }

  it("that calls runSenderIfAsked() delivers", async ({ skip }) => {
    skip(problem !== undefined, problem);
    const { app, home, receiver, starts } = await setUpApp(true);
    await app(); // Shows the notice.
    const run = await app();
    expect(run).toMatchObject({ exitCode: 0, stdout: "built with arguments", stderr: "" });
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(receiver.events).toHaveLength(2);
    expect(home.spool("acme")).toEqual([]);
    // Two builds, one sender.
    expect(starts()).toBe(3);
  });

  it("that doesn't is never started again; its batches wait, and debug says why", async ({
    skip,
  }) => {
    skip(problem !== undefined, problem);
    const { app, env, home, receiver, starts } = await setUpApp(false);
    await app();
    const run = await app();
    expect(run).toMatchObject({ exitCode: 0, stdout: "built with arguments", stderr: "" });
    expect(processesIn(home.path)).toEqual([]);
    const told = await app({ ACME_DEBUG_TELEMETRY: "1" });
    expect(told.stderr).toContain(
      "no sender is started: acme is no runtime; call runSenderIfAsked() first thing in its main",
    );
    expect(starts()).toBe(3);
    expect(home.spool("acme")).toHaveLength(3);
    expect(receiver.connections).toBe(0);
    await flushCommand(env);
    expect(receiver.uniqueEvents).toHaveLength(3);
  });
});

describe("Electron", () => {
  it("is never started again; its batches wait for a build under Node", async () => {
    const { home, product, receiver } = await setUp();
    const preload = path.join(home.path, "electron.cjs");
    const version = 'Object.defineProperty(process.versions, "electron", { value: "39.0.0" });';
    writeFileSync(preload, version);
    const electron = { NODE_OPTIONS: `${home.env.NODE_OPTIONS} --require ${preload}` };
    await product("completed");
    const run = await product("completed", electron);
    expect(run).toMatchObject({ exitCode: 0, stdout: "building\nbuilt", stderr: "" });
    expect(processesIn(home.path)).toEqual([]);
    const told = await product("completed", { ...electron, ACME_DEBUG_TELEMETRY: "1" });
    expect(told.stderr).toContain("call runSenderIfAsked() first thing in its main");
    expect(home.spool("acme")).toHaveLength(3);
    await product("completed");
    await receiver.waitForEvents(4);
  });
});

describe("Node's permission model", () => {
  const flag = process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";

  async function setUpPermitted(...permissions: string[]) {
    const place = await setUp();
    place.home.writePreferences("acme", {});
    await place.product("completed"); // Shows the notice.
    const args = [flag, ...permissions, fixture("product.mjs"), "completed"];
    const run = async (extra: Record<string, string>) => {
      const env = { ...place.env, NODE_NO_WARNINGS: "1", ...extra };
      const { exitCode, signal, stdout, stderr } = await execa(process.execPath, args, {
        env,
        extendEnv: false,
        reject: false,
      });
      return { exitCode, signal, stdout, stderr };
    };
    return { ...place, run };
  }

  it("without child processes: the build is as without telemetry, and its batch waits", async () => {
    const { home, product, receiver, run } = await setUpPermitted(
      "--allow-fs-read=*",
      "--allow-fs-write=*",
    );
    const before = home.spool("acme").length;
    expect(await run({})).toEqual(await run({ DO_NOT_TRACK: "1" }));
    expect(home.spool("acme")).toHaveLength(before + 1);
    const told = await run({ ACME_DEBUG_TELEMETRY: "1" });
    expect(told.stderr).toContain("the sender did not start: ERR_ACCESS_DENIED");
    expect(processesIn(home.path)).toEqual([]);
    expect(receiver.connections).toBe(0);
    await product("completed");
    await receiver.waitForEvents(before + 3);
  });

  it("without writing: the build is as without telemetry, and nothing is recorded", async () => {
    const { home, receiver, run } = await setUpPermitted("--allow-fs-read=*");
    const before = home.files();
    expect(await run({})).toEqual(await run({ DO_NOT_TRACK: "1" }));
    expect(home.files()).toEqual(before);
    expect(receiver.connections).toBe(0);
  });
});
