import vendors from "ci-info/vendors.json" with { type: "json" };

/**
 * Which CI this is, by ci-info's own list of vendors. Its module reads the environment as it is
 * imported, which a build that is off, or a Deno without permission, must not; so only its data is
 * used, and read when asked. A test holds the two to the same answers.
 */
export interface CI {
  isCI: boolean;
  /** Such as `GitHub Actions`; null outside CI, and in CI of no known vendor. */
  name: string | null;
  /** Such as `GITHUB_ACTIONS`; null likewise. */
  id: string | null;
}

export function detectCI(env: NodeJS.ProcessEnv): CI {
  if (env.CI === "false") return { isCI: false, name: null, id: null };
  // Of several, the last in the list, as ci-info has it.
  const vendor = (vendors as Vendor[]).findLast((candidate) => matches(candidate.env, env));
  const isCI = vendor !== undefined || anyCI.some((name) => env[name]);
  return { isCI, name: vendor?.name ?? null, id: vendor?.constant ?? null };
}

/** Variables that say "CI" and not whose. */
const anyCI = [
  "BUILD_ID",
  "BUILD_NUMBER",
  "CI",
  "CI_APP_ID",
  "CI_BUILD_ID",
  "CI_BUILD_NUMBER",
  "CI_NAME",
  "CONTINUOUS_INTEGRATION",
  "RUN_ID",
];

interface Vendor {
  name: string;
  constant: string;
  env: Condition | Condition[];
}
type Condition = string | { env: string; includes: string } | { any: string[] } | EqualTo;
/** Variables and the values they must have. */
type EqualTo = { [variable: string]: string };

function matches(condition: Condition | Condition[], env: NodeJS.ProcessEnv): boolean {
  if (Array.isArray(condition)) return condition.every((each) => matches(each, env));
  if (typeof condition === "string") return Boolean(env[condition]);
  if (isIncludes(condition)) return String(env[condition.env] ?? "").includes(condition.includes);
  if (isAny(condition)) return condition.any.some((name) => env[name]);
  return Object.entries(condition).every(([name, value]) => env[name] === value);
}

function isIncludes(condition: object): condition is { env: string; includes: string } {
  return "env" in condition;
}

function isAny(condition: object): condition is { any: string[] } {
  return "any" in condition;
}
