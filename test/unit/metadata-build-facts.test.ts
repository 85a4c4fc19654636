import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BuildFacts,
  packageManagerOf,
  packageManagers,
  readRuntime,
} from "../../src/metadata/build-facts.ts";
import { isolatedHome } from "../../src/testing/index.ts";

test.each([
  ["npm/10.8.2 node/v22.1.0 linux x64 workspaces/false", "npm"],
  ["pnpm/9.1.0 npm/? node/v22.1.0 linux x64", "pnpm"],
  ["yarn/1.22.22 npm/? node/v22.1.0 linux x64", "yarn"],
  ["bun/1.1.30 npm/? node/v22.6.0 linux x64", "bun"],
  ["deno/2.0.0 npm/? deno/2.0.0 linux x86_64", "deno"],
  ["cnpm/9.0.1 npminstall/7.0.0 node/v22.1.0", "other"],
  ["/home/jo/bin/pm", "other"],
  ["other/1.0.0", "other"],
  ["", null],
  [undefined, null],
])("the user agent %s is %s", (userAgent, expected) => {
  expect(packageManagerOf(userAgent)).toBe(expected);
  expect([...packageManagers, null]).toContain(expected);
});

test.each([
  [{ node: "22.1.0" }, { runtime: "node", runtimeVersion: "22.1.0" }],
  [
    { node: "22.6.0", bun: "1.1.30" },
    { runtime: "bun", runtimeVersion: "1.1.30" },
  ],
  [
    { node: "20.11.1", deno: "2.0.0" },
    { runtime: "deno", runtimeVersion: "2.0.0" },
  ],
])("versions %j are %j", (versions, expected) => {
  expect(readRuntime(versions)).toEqual(expected);
});

describe("in a process of its own", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-facts-"));
  const home = isolatedHome();
  const script = path.join(folder, "facts.mjs");

  beforeAll(() => {
    buildSync({
      stdin: {
        contents: `import { readFileSync, writeSync } from "node:fs";
          import { readBuildFacts } from "./build-facts.ts";
          const facts = readBuildFacts();
          const stdout = process.platform === "linux" && readFileSync("/proc/self/fdinfo/1", "utf8");
          writeSync(1, JSON.stringify({ ...facts, stdout }));`,
        resolveDir: path.resolve("src/metadata"),
      },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: script,
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
    home.remove();
  });

  const factsWith = (env: Record<string, string>): BuildFacts & { stdout: string | false } =>
    JSON.parse(
      execFileSync(process.execPath, [script], { env: { ...home.env, ...env }, encoding: "utf8" }),
    );

  test.each<[Record<string, string>, Partial<BuildFacts>]>([
    [{}, { isCI: false, ciName: null, ciVendor: null, agent: null, packageManager: null }],
    [
      { CI: "true", GITHUB_ACTIONS: "true" },
      { isCI: true, ciName: "GitHub Actions", ciVendor: "github_actions" },
    ],
    [{ GITLAB_CI: "true" }, { isCI: true, ciName: "GitLab CI", ciVendor: "gitlab" }],
    [{ CI: "1" }, { isCI: true, ciName: null, ciVendor: "unknown" }],
    [
      { CI: "false", GITHUB_ACTIONS: "true" },
      { isCI: false, ciName: null, ciVendor: null },
    ],
    [{ CLAUDECODE: "1" }, { agent: "claude" }],
    [{ AI_AGENT: "/home/jo/agent" }, { agent: "other" }],
    [{ npm_config_user_agent: "pnpm/9.1.0 npm/?" }, { packageManager: "pnpm" }],
  ])("with %j it finds %j", (env, expected) => {
    expect(factsWith(env)).toMatchObject({
      ...expected,
      runtime: "node",
      runtimeVersion: process.versions.node,
    });
  });

  test.runIf(process.platform === "linux")("it leaves stdout as it is: in blocking mode", () => {
    const flags = /^flags:\s*(\d+)$/m.exec(String(factsWith({}).stdout))?.[1] ?? "";
    const nonBlocking = 0o4000;
    expect(Number.parseInt(flags, 8) & nonBlocking).toBe(0);
  });
});
