/**
 * The environment without everything that would change telemetry's mind or its facts: a test has
 * to end the same on a laptop, in CI, behind a proxy and under a coding agent.
 */
export function quietEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !isTelling(entry[0]),
  );
  return Object.fromEntries(kept);
}

/** Names count in any case: Windows doesn't tell, and proxies are spelled both ways. */
function isTelling(name: string): boolean {
  const upper = name.toUpperCase();
  return (
    names.has(upper) ||
    prefixes.some((prefix) => upper.startsWith(prefix)) ||
    suffixes.some((suffix) => upper.endsWith(suffix))
  );
}

const prefixes = ["CI_", "SENDOFF_", "VITEST", "JEST_", "XDG_", "NODE_CHANNEL_"];
const suffixes = [
  ...["_TELEMETRY_DISABLED", "_DEBUG_TELEMETRY", "_TELEMETRY_ENDPOINT", "_PROXY"],
  // The run that the test itself belongs to, if it has loaded a tracker: a build would join it.
  "_TELEMETRY_SESSION",
];

const ci = [
  ...["CI", "CONTINUOUS_INTEGRATION", "BUILD_ID", "BUILD_NUMBER", "RUN_ID", "TASK_ID"],
  ...["AC_APPCIRCLE", "AGOLA_GIT_REF", "ALPIC_HOST", "APPCENTER_BUILD_ID", "APPVEYOR"],
  ...["BAMBOO_PLANKEY", "BITBUCKET_COMMIT", "BITRISE_IO", "BUDDY_WORKSPACE_ID", "BUILDER_OUTPUT"],
  ...["BUILDKITE", "CAPAWESOME_CLOUD", "CF_BUILD_ID", "CF_PAGES", "CIRCLECI", "CIRRUS_CI"],
  ...["CM_BUILD_ID", "CODEBUILD_BUILD_ARN", "DRONE", "DSARI", "EARTHLY_CI", "EAS_BUILD"],
  ...["GERRIT_PROJECT", "GITEA_ACTIONS", "GITHUB_ACTIONS", "GITLAB_CI", "GO_PIPELINE_LABEL"],
  ...["HARNESS_BUILD_ID", "HUDSON_URL", "JENKINS_URL", "LAYERCI", "MAGNUM", "NETLIFY"],
  ...["NEVERCODE", "NOW_BUILDER", "PROW_JOB_ID", "RELEASE_BUILD_ID", "RENDER", "RWX", "SAILCI"],
  ...["SCREWDRIVER", "SEMAPHORE", "STRIDER", "TEAMCITY_VERSION", "TF_BUILD", "TRAVIS", "VELA"],
  ...["VERCEL", "WORKERS_CI", "XCS"],
  // Heroku is told by where its Node lies.
  "NODE",
];

const agents = [
  ...["AI_AGENT", "AUGMENT_AGENT", "CLAUDECODE", "CLAUDE_CODE", "CODEX_SANDBOX"],
  ...["CODEX_THREAD_ID", "COPILOT_AGENT", "COPILOT_CLI", "CURSOR_AGENT", "GEMINI_CLI"],
  ...["GOOSE_PROVIDER", "JUNIE_DATA", "JUNIE_SHIM_PATH", "OPENCODE", "REPL_ID"],
  // Devin and Kiro are told by these.
  ...["EDITOR", "TERM_PROGRAM"],
];

/** What would reach into a child's Node, or into the name of its package manager. */
const runtime = [
  ...["NODE_OPTIONS", "NODE_V8_COVERAGE", "NODE_UNIQUE_ID", "VSCODE_INSPECTOR_OPTIONS"],
  ...["NODE_USE_ENV_PROXY", "NPM_CONFIG_HTTPS_PROXY", "NPM_CONFIG_NOPROXY"],
  "NPM_CONFIG_USER_AGENT",
];

const names = new Set(["DO_NOT_TRACK", ...ci, ...agents, ...runtime]);
