import path from "node:path";
import { execa } from "execa";
import { expectEvent } from "sendoff/testing";
import { describe, expect, it } from "vitest";
import { fixture, senderGone, setUp } from "./harness.ts";

/** A framework's command line, with `watchProcess()`, a plugin, and sendoff's commands as its own. */

async function setUpFramework(hooks: Parameters<typeof setUp>[0]) {
  const place = await setUp(hooks);
  const env = { ...place.env, ACME_EXAMPLE_OUT: path.join(place.home.path, "out") };
  return {
    ...place,
    acme: async (...words: string[]) => {
      const { exitCode, stdout, stderr } = await execa(
        process.execPath,
        [fixture("framework.mjs"), ...words],
        { env, extendEnv: false, reject: false },
      );
      return { exitCode, stdout, stderr };
    },
  };
}

describe.concurrent("a framework's CLI", () => {
  it.for([
    ["that calls process.exit() right after the build", "here", ""],
    ["that builds in a worker thread, and then exits", "worker", ""],
    ["that builds in a worker thread, and terminates it", "worker", "killed"],
    ["that builds in a child process with IPC, and then exits", "child", ""],
    ["that builds in a child process with IPC, and kills it", "child", "killed"],
  ] as const)("%s has one event a build", async ([, where, ending], context) => {
    const { acme, home, receiver } = await setUpFramework(context);
    const first = await acme("build", where, ending);
    expect(first).toMatchObject({ exitCode: 0, stdout: "built" });
    expect(first.stderr).toContain("acme collects anonymous build telemetry");
    const second = await acme("build", where, ending);
    expect(second).toEqual({ exitCode: 0, stdout: "built", stderr: "" });
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(2);
    expect(home.spool("acme")).toEqual([]);
    const built = { bundler: "esbuild", success: true };
    for (const event of receiver.uniqueEvents) {
      expect(event).toMatchObject({ eventName: "build:completed", fields: built });
    }
    const runs = receiver.requests.map(({ payload }) => payload.context.sessionId);
    expect(new Set(runs).size).toBe(2);
  });

  it.for(["worker", "child"])(
    "that ends a build in the middle, in a %s, and fails, tells of that",
    async (where, context) => {
      const { acme, home, receiver } = await setUpFramework(context);
      home.writePreferences("acme", {});
      await acme("build", "here"); // Shows the notice.
      const run = await acme("build", where, "stuck");
      expect(run).toEqual({ exitCode: 1, stdout: "building", stderr: "" });
      await receiver.waitForEvents(2);
      await senderGone(home.path);
      expect(receiver.uniqueEvents).toHaveLength(2);
      expectEvent(receiver, { eventName: "build:failed", fields: { success: false } });
    },
  );

  it("turns it off by its own command, for all of these", async (context) => {
    const { acme, home, receiver } = await setUpFramework(context);
    expect(await acme("telemetry", "disable")).toMatchObject({ exitCode: 0, stderr: "" });
    for (const where of ["here", "worker", "child"]) {
      const run = await acme("build", where);
      expect(run).toEqual({ exitCode: 0, stdout: "built", stderr: "" });
    }
    const status = await acme("telemetry", "status");
    expect(status).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("off") });
    expect(home.spool("acme")).toEqual([]);
    expect(receiver.connections).toBe(0);
  });
});
