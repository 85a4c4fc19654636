import { writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { expectEvent } from "sendoff/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { senderGone, setUp } from "../e2e/harness.ts";
import {
  answersLater,
  linkBundlers,
  makeProject,
  packages,
  packTarball,
  remove,
} from "./project.ts";
import { pnpm, problemOf, yarn } from "./runtimes.ts";

/** Installed from the tarball alone, built by a script of package.json, as users do. */

let room: string;
let tarball: string;
beforeAll(async () => {
  ({ file: tarball, folder: room } = await packTarball());
});
afterAll(() => remove(room));

const scripts = { build: "node build.mjs esbuild out" };
const node = process.execPath;

const managers = [
  {
    name: "npm",
    command: ["npm"],
    install: ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"],
    isLinked: true,
  },
  {
    name: "pnpm",
    file: pnpm,
    command: [node, pnpm],
    install: ["install", "--offline"],
    isLinked: true,
  },
  // It resolves nothing that it was not told of, and keeps packages in archives unless they say no.
  { name: "yarn", file: yarn, command: [node, yarn], install: ["install"], isLinked: false },
];

describe.concurrent("installed by", () => {
  it.for(managers)("$name: the sender is found, and delivers", async (manager, context) => {
    const problem = manager.file && problemOf(manager.file);
    context.skip(problem !== undefined, problem);
    const { env, home, receiver } = await setUp(context);
    const answer = answersLater(receiver);
    const project = path.join(room, manager.name);
    const dependencies = {
      sendoff: `file:${tarball}`,
      ...(!manager.isLinked && { esbuild: `link:${path.join(packages, "esbuild")}` }),
    };
    makeProject(project, { dependencies, scripts });
    // A lock says to Yarn that no folder above is the project.
    if (manager.name === "yarn") writeFileSync(path.join(project, "yarn.lock"), "");
    const own = { ...env, YARN_ENABLE_TELEMETRY: "0", YARN_ENABLE_NETWORK: "0" };
    const run = (args: string[], extra: Record<string, string> = {}) => {
      const [file, ...before] = manager.command as [string, ...string[]];
      const options = { cwd: project, env: { ...own, ...extra }, extendEnv: false, reject: false };
      return execa(file, [...before, ...args], options);
    };
    expect(await run(manager.install)).toMatchObject({ exitCode: 0 });
    if (manager.isLinked) linkBundlers(project);

    const build = await run(["run", "build"], { CI: "true" });
    expect(build).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("built") });
    await receiver.waitForRequests(1);
    answer();
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(1);
    expect(home.spool("acme")).toEqual([]);
    expectEvent(receiver, { eventName: "build:completed", fields: { bundler: "esbuild" } });
    expect(receiver.requests[0]?.payload.meta).toMatchObject({ packageManager: manager.name });
  });
});
