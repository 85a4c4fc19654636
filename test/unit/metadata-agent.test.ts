import { execFileSync } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { agents, detectAgent } from "../../src/metadata/agent.ts";
import { isolatedHome } from "../../src/testing/index.ts";

const cases: [Record<string, string>, string | null][] = [
  [{}, null],
  [{ CLAUDECODE: "1" }, "claude"],
  [{ CLAUDE_CODE: "1" }, "claude"],
  [{ REPL_ID: "x" }, "replit"],
  [{ GEMINI_CLI: "1" }, "gemini"],
  [{ CODEX_SANDBOX: "seatbelt" }, "codex"],
  [{ CODEX_THREAD_ID: "x" }, "codex"],
  [{ OPENCODE: "1" }, "opencode"],
  [{ PATH: "/home/jo/.pi/agent/bin:/bin" }, "pi"],
  [{ AUGMENT_AGENT: "1" }, "auggie"],
  [{ GOOSE_PROVIDER: "x" }, "goose"],
  [{ JUNIE_DATA: "x" }, "junie"],
  [{ JUNIE_SHIM_PATH: "x" }, "junie"],
  [{ COPILOT_AGENT: "1" }, "copilot"],
  [{ COPILOT_CLI: "1" }, "copilot"],
  [{ EDITOR: "/opt/devin/editor" }, "devin"],
  [{ CURSOR_AGENT: "1" }, "cursor"],
  [{ TERM_PROGRAM: "kiro" }, "kiro"],
  [{ TERM_PROGRAM: "vscode", EDITOR: "vim", CLAUDECODE: "" }, null],
  [{ AI_AGENT: "Codex", CLAUDECODE: "1" }, "codex"],
  [{ AI_AGENT: "github_copilot_vscode_agent" }, "copilot"],
];

test.each(cases)("%j is %s", (env, expected) => {
  expect(detectAgent(env, () => false)).toBe(expected);
});

test("all that can be told is on the list", () => {
  const told = cases.flatMap(([, agent]) => agent ?? []);
  expect(new Set([...told, "other"])).toEqual(new Set(agents));
});

test("an agent that isn't listed is told as other, whatever it calls itself", () => {
  expect(detectAgent({ AI_AGENT: "/home/jo/agent" })).toBe("other");
});

test("a person in Kiro's terminal is no agent", () => {
  expect(detectAgent({ TERM_PROGRAM: "kiro" }, () => true)).toBeNull();
});

describe("std-env", () => {
  const home = isolatedHome();
  afterAll(() => home.remove());

  test.each(cases)("takes %j for %s as well", (env, expected) => {
    const script = `import { detectAgent } from ${JSON.stringify(import.meta.resolve("std-env"))};
      process.stdout.write(JSON.stringify(detectAgent().name ?? null));`;
    const told = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...home.env, ...env },
      encoding: "utf8",
    });
    expect(JSON.parse(told)).toBe(expected);
  });
});
