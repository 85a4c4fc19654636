/**
 * Which coding agent runs the build, by the variables that agents leave in the environment; the
 * list is std-env's. std-env itself asks `process.stdout` whether it is a terminal, which puts a
 * pipe into non-blocking mode for every process that writes to it, such as a compiler that the
 * build has started: nothing for a build's own process.
 */
const signs: readonly (readonly [agent: string, signs: readonly Sign[]])[] = [
  ["claude", ["CLAUDECODE", "CLAUDE_CODE"]],
  ["replit", ["REPL_ID"]],
  ["gemini", ["GEMINI_CLI"]],
  ["codex", ["CODEX_SANDBOX", "CODEX_THREAD_ID"]],
  ["opencode", ["OPENCODE"]],
  ["pi", [{ variable: "PATH", holds: /\.pi[\\/]agent/ }]],
  ["auggie", ["AUGMENT_AGENT"]],
  ["goose", ["GOOSE_PROVIDER"]],
  ["junie", ["JUNIE_DATA", "JUNIE_SHIM_PATH"]],
  ["copilot", ["COPILOT_AGENT", "COPILOT_CLI"]],
  ["devin", [{ variable: "EDITOR", holds: /devin/ }]],
  ["cursor", ["CURSOR_AGENT"]],
  // A person in Kiro's terminal has the variable too.
  ["kiro", [{ variable: "TERM_PROGRAM", holds: /kiro/, withoutTerminal: true }]],
];

/** A variable that is set, or one that holds something. */
type Sign = string | { variable: string; holds: RegExp; withoutTerminal?: true };

/** All that can be told. `AI_AGENT` may hold any text, which becomes `other`, the last one. */
export const agents: readonly string[] = [...signs.map(([agent]) => agent), "other"];

/** One of `agents`, or null. `hasTerminal`: whether a person could be reading along on stdout. */
export function detectAgent(
  env: NodeJS.ProcessEnv,
  hasTerminal: () => boolean = stdoutIsTerminal,
): string | null {
  if (env.AI_AGENT) return listed(String(env.AI_AGENT).toLowerCase());
  const shows = (sign: Sign) => {
    if (typeof sign === "string") return Boolean(env[sign]);
    if (!sign.holds.test(env[sign.variable] ?? "")) return false;
    return !sign.withoutTerminal || !hasTerminal();
  };
  return signs.find(([, ofAgent]) => ofAgent.some(shows))?.[0] ?? null;
}

function listed(name: string): string {
  if (/^github_copilot_(?:vscode|cloud)_agent$/.test(name)) return "copilot";
  return agents.includes(name) ? name : "other";
}

function stdoutIsTerminal(): boolean {
  return process.getBuiltinModule("node:tty").isatty(1);
}
