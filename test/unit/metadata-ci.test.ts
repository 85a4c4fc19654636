import { spawnSync } from "node:child_process";
import vendors from "ci-info/vendors.json" with { type: "json" };
import { expect, test } from "vitest";
import { detectCI } from "../../src/metadata/ci.ts";

/** What ci-info says of each environment, asked in a process that has nothing else in it. */
function askCiInfo(environments: NodeJS.ProcessEnv[]) {
  const script = `
    const file = require.resolve("ci-info");
    const answers = JSON.parse(process.argv[1]).map((env) => {
      for (const name of Object.keys(process.env)) delete process.env[name];
      Object.assign(process.env, env);
      delete require.cache[file];
      const { isCI, name, id } = require("ci-info");
      return { isCI, name, id: id ?? null };
    });
    process.stdout.write(JSON.stringify(answers));`;
  const { stdout } = spawnSync(process.execPath, ["-e", script, JSON.stringify(environments)]);
  return JSON.parse(String(stdout));
}

/** Environments in which a vendor's condition holds. */
function environmentsOf(condition: unknown): NodeJS.ProcessEnv[] {
  if (typeof condition === "string") return [{ [condition]: "1" }];
  if (Array.isArray(condition)) {
    const parts = condition.flatMap((each) => environmentsOf(each).slice(0, 1));
    return [Object.assign({}, ...parts), ...parts];
  }
  const rule = condition as { env?: string; includes?: string; any?: string[] };
  if (rule.any) return rule.any.map((name) => ({ [name]: "1" }));
  if (rule.env) return [{ [rule.env]: `a${rule.includes}b` }, { [rule.env]: "else" }];
  return [rule as NodeJS.ProcessEnv];
}

test("says of every vendor's environment what ci-info says", () => {
  const known = vendors.flatMap(({ env }) => environmentsOf(env));
  const others = [{}, { CI: "true" }, { CI: "false", GITHUB_ACTIONS: "1" }, { RUN_ID: "7" }];
  const twoAtOnce = [{ GITHUB_ACTIONS: "1", VERCEL: "1", NOW_BUILDER: "1", JENKINS_URL: "x" }];
  const environments = [...known, ...others, ...twoAtOnce];
  expect(environments.map(detectCI)).toEqual(askCiInfo(environments));
  expect(known.length).toBeGreaterThan(50);
});
