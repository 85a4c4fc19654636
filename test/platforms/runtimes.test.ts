import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { expectEvent } from "sendoff/testing";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { processesIn, senderGone, setUp } from "../e2e/harness.ts";
import { answersLater, installedProject, linkBundlers, remove } from "./project.ts";
import { keepRow, writeRows } from "./results.ts";
import { deno, problemOf, type Runtime, runtimes } from "./runtimes.ts";

/**
 * The package as it is installed, in builds by each bundler on each runtime. The endpoint does not
 * answer before the build is over, so that whoever waited for it would wait for ever.
 */

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const bundlers = ["webpack", "rspack", "esbuild", "rollup", "rolldown", "vite"].filter(
  (name) => `./${name}` in exports,
);

let room: string;
let project: string;
beforeAll(async () => {
  ({ project, folder: room } = await installedProject());
  linkBundlers(project);
});
afterAll(() => {
  writeRows("runtimes");
  remove(room);
});

/** Its endpoint answers when it is told to. */
async function setUpRuntime({ file, args }: Runtime, context: TestContext) {
  const problem = problemOf(file);
  context.skip(problem !== undefined, problem);
  const place = await setUp(context);
  const answer = answersLater(place.receiver);
  const run = async (words: string[], env: Record<string, string> = {}, permissions = args) => {
    const { exitCode, stdout, stderr } = await execa(file, [...permissions, ...words], {
      cwd: project,
      env: { ...place.env, ...env },
      extendEnv: false,
      reject: false,
      timeout: 30_000,
    });
    return { exitCode, stdout, stderr };
  };
  const out = path.join(place.home.path, "out");
  return {
    ...place,
    answer,
    run,
    build: (bundler: string, ...more: [Record<string, string>?, string[]?]) =>
      run(["build.mjs", bundler, out], ...more),
  };
}

const built = { exitCode: 0, stdout: "built" };

describe.concurrent.each(runtimes)("on $title", (runtime) => {
  it.for(bundlers)(
    "%s: the build ends at once, its event comes later",
    async (bundler, context) => {
      const { answer, build, home, receiver } = await setUpRuntime(runtime, context);
      keepRow(context, bundler, runtime.title);
      // There a first run sends at once.
      expect(await build(bundler, { CI: "true" })).toMatchObject(built);
      await receiver.waitForRequests(1);
      answer();
      await senderGone(home.path);
      expect(home.spool("acme")).toEqual([]);
      expect(receiver.uniqueEvents).toHaveLength(1);
      expectEvent(receiver, { eventName: "build:completed", fields: { bundler, success: true } });
      expect(receiver.requests[0]?.payload.meta).toMatchObject({ runtime: runtime.runtime });
    },
  );

  it("a run that shows the notice sends nothing, and the next one both", async (context) => {
    const { answer, build, home, receiver } = await setUpRuntime(runtime, context);
    home.writePreferences("acme", {});
    const first = await build("none");
    expect(first).toMatchObject(built);
    expect(first.stderr).toContain("acme collects anonymous build telemetry");
    expect(processesIn(home.path)).toEqual([]);
    expect(await build("none")).toEqual({ ...built, stderr: "" });
    await receiver.waitForRequests(1);
    answer();
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(2);
    expect(home.spool("acme")).toEqual([]);
  });

  it.for([
    ["that ends the process right after it", ["build.mjs", "exits"], 3],
    ["in a worker thread that is terminated", ["workers.mjs", "worker"], 0],
    ["in a child process that is killed", ["workers.mjs", "child"], 0],
  ] as const)("a build %s is not lost", async ([, words, exitCode], context) => {
    const { answer, home, receiver, run } = await setUpRuntime(runtime, context);
    expect(await run([...words], { CI: "true" })).toMatchObject({ exitCode });
    await receiver.waitForRequests(1);
    answer();
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(1);
    expect(home.spool("acme")).toEqual([]);
  });

  it("off is off", async (context) => {
    const { build, home, receiver } = await setUpRuntime(runtime, context);
    expect(await build("esbuild", { DO_NOT_TRACK: "1" })).toEqual({ ...built, stderr: "" });
    expect(ofTelemetry(home.files())).toEqual([]);
    expect(processesIn(home.path)).toEqual([]);
    expect(receiver.connections).toBe(0);
  });
});

describe.concurrent("on Deno", () => {
  it.for([
    ["that may read alone", ["--allow-read"]],
    ["that may start nothing", ["--allow-read", "--allow-write", "--allow-env", "--allow-sys"]],
    ["that may write nothing", ["--allow-read", "--allow-env", "--allow-sys", "--allow-run"]],
  ] as const)(
    "a build %s is as without telemetry, which is off",
    async ([, permissions], context) => {
      const { build, home, receiver } = await setUpRuntime(deno, context);
      const args = ["run", "--no-prompt", ...permissions];
      expect(await build("none", { CI: "true" }, args)).toEqual({ ...built, stderr: "" });
      expect(ofTelemetry(home.files())).toEqual([]);
      expect(processesIn(home.path)).toEqual([]);
      expect(receiver.connections).toBe(0);
    },
  );
});

/** Bundlers and runtimes keep caches of their own. */
const ofTelemetry = (files: string[]) => files.filter((file) => /^(config|state)\//.test(file));
