import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expectEvent } from "sendoff/testing";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { senderGone, setUp } from "../e2e/harness.ts";
import { answersLater, installedProject, linkBundlers, remove } from "./project.ts";
import { keepRow, writeRows } from "./results.ts";
import { installWindows, windowsPath, wineProblem } from "./wine.ts";

const problem = wineProblem();

/** From a build to its delivery, by real Windows Node. */
describe("on Windows", () => {
  let windows: Awaited<ReturnType<typeof installWindows>>;
  let room: string;
  let project: string;
  beforeAll(async () => {
    if (problem !== undefined) return;
    windows = await installWindows();
    ({ project, folder: room } = await installedProject());
    linkBundlers(project);
  });
  afterAll(async () => {
    if (problem !== undefined) return;
    writeRows("windows");
    await windows.uninstall();
    remove(room);
  });

  /** A place whose home lies in a folder of that name. */
  async function setUpWindows(skip: TestContext["skip"], inFolder = "home") {
    skip(problem !== undefined, problem);
    const place = await setUp();
    const { home } = place;
    const at = (name: string) => path.join(home.path, inFolder, name);
    const env = {
      ...place.env,
      CI: "true",
      XDG_CONFIG_HOME: windowsPath(at("config")),
      XDG_STATE_HOME: windowsPath(at("state")),
    };
    return {
      ...place,
      env,
      state: path.join(at("state"), "acme", "telemetry"),
      senders: () => windows.processes().filter((line) => line.includes("sendoff-sender")),
      build: (what: string, extra: Record<string, string> = {}, from = project) => {
        const out = windowsPath(path.join(home.path, "out"));
        const script = windowsPath(path.join(from, "build.mjs"));
        return windows.node([script, what, out], { ...env, ...extra }, from);
      },
    };
  }

  const built = { exitCode: 0, stdout: "built" };

  it("a webpack build ends at once; its sender outlives it and delivers", async (context) => {
    const { build, home, receiver, senders, state } = await setUpWindows(context.skip);
    keepRow(context, "webpack", "Node.js 20, Windows");
    const answer = answersLater(receiver);
    expect(await build("webpack")).toMatchObject(built);
    await receiver.waitForRequests(1);
    expect(senders()).toHaveLength(1);
    answer();
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(1);
    expectEvent(receiver, { eventName: "build:completed", fields: { bundler: "webpack" } });
    expect(receiver.requests[0]?.payload.meta).toMatchObject({ platform: "win32" });
    expect(readdirSync(path.join(state, "spool"))).toEqual([]);
  });

  it("no window opens: neither build nor sender has a console made", async ({ skip }) => {
    const { build, receiver, senders } = await setUpWindows(skip);
    const answer = answersLater(receiver);
    await build("none");
    await receiver.waitForRequests(1);
    expect(senders()).toHaveLength(1);
    expect(windows.processes().filter((line) => line.includes("conhost"))).toEqual([]);
    answer();
  });

  it("in folders with spaces and letters of other alphabets", async ({ skip }) => {
    const name = "Jürgen Ελένη 日本";
    const { build, home, receiver, state } = await setUpWindows(skip, name);
    const there = path.join(room, name);
    cpSync(project, there, { recursive: true, verbatimSymlinks: true });
    expect(await build("none", {}, there)).toMatchObject(built);
    await receiver.waitForEvents(1);
    await senderGone(home.path);
    expect(readFileSync(path.join(state, "sent.jsonl"), "utf8")).toContain("build:completed");
    expect(readdirSync(path.join(state, "spool"))).toEqual([]);
  });

  it("without variables of its own everything lies in the user's AppData", async ({ skip }) => {
    const { build, home, receiver } = await setUpWindows(skip);
    // A machine on which somebody works, so that there are preferences.
    const somebody = { CI: "", XDG_CONFIG_HOME: "", XDG_STATE_HOME: "" };
    expect((await build("none", somebody)).stderr).toContain("acme collects");
    expect(await build("none", somebody)).toEqual({ ...built, stderr: "" });
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    const preferences = path.join(windows.appData(), "Roaming", "acme", "telemetry.json");
    expect(JSON.parse(readFileSync(preferences, "utf8"))).toHaveProperty(["telemetry.anonymousId"]);
    expect(readdirSync(path.join(windows.appData(), "Local", "acme", "telemetry"))).toContain(
      "sent.jsonl",
    );
  });

  it("a batch that grows while somebody reads its file is whole", async ({ skip }) => {
    const { env, home, receiver, state } = await setUpWindows(skip);
    const args = ["in-use.mjs", path.join(state, "spool")].map((file) =>
      windowsPath(path.resolve(project, file)),
    );
    const run = await windows.node(args, env, project);
    // Windows refused, once.
    expect(run).toMatchObject({ exitCode: 0, stdout: "EPERM\nbuilt" });
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(receiver.requests).toHaveLength(1);
  });

  it("a sender keeps nobody from moving the project", async ({ skip }) => {
    const { build, env, receiver, senders } = await setUpWindows(skip);
    const answer = answersLater(receiver);
    const [from, to] = [path.join(room, "to-be-moved"), path.join(room, "moved")];
    cpSync(project, from, { recursive: true, verbatimSymlinks: true });
    await build("none", {}, from);
    await receiver.waitForRequests(1);
    expect(senders()).toHaveLength(1);
    const [before, after] = [from, to].map((folder) => JSON.stringify(windowsPath(folder)));
    const move = `fs.renameSync(${before}, ${after})`;
    expect(await windows.node(["-e", move], env)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect([existsSync(from), existsSync(to)]).toEqual([false, true]);
    answer();
  });

  it("builds that end together are each delivered, once", async ({ skip }) => {
    const { build, home, receiver, state } = await setUpWindows(skip);
    const runs = await Promise.all(Array.from({ length: 6 }, () => build("none")));
    for (const run of runs) expect(run).toMatchObject(built);
    await receiver.waitForEvents(6, { timeout: 20_000 });
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(6);
    expect(readdirSync(path.join(state, "spool"))).toEqual([]);
  });

  it("debug shows what the sender does", async ({ skip }) => {
    const { build } = await setUpWindows(skip);
    const run = await build("none", { ACME_DEBUG_TELEMETRY: "1" });
    expect(run).toMatchObject(built);
    expect(run.stderr).toMatch(/\[telemetry\] 127\.0\.0\.1:\d+: answered 202/);
  });

  it("off is off, by a variable and by the command", async ({ skip }) => {
    const { build, env, home, receiver, state } = await setUpWindows(skip);
    expect(await build("none", { DO_NOT_TRACK: "1" })).toEqual({ ...built, stderr: "" });
    expect(existsSync(state)).toBe(false);
    const bin = windowsPath(path.join(project, "node_modules", "sendoff", "dist", "bin.mjs"));
    expect(await windows.node([bin, "disable", "--name", "acme"], env)).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
    expect(await build("none")).toEqual({ ...built, stderr: "" });
    await senderGone(home.path);
    expect(receiver.connections).toBe(0);
  });
});
