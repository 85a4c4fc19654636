import { detectAgent } from "./agent.ts";
import { detectCI } from "./ci.ts";

/** What only the build's own process can tell. Read from variables in memory; nothing is opened. */
export interface BuildFacts {
  isCI: boolean;
  /** As ci-info spells it (`GitHub Actions`); null outside CI, and in CI of no known vendor. */
  ciName: string | null;
  /** ci-info's id in lower case (`github_actions`), or `unknown`; null outside CI. */
  ciVendor: string | null;
  runtime: Runtime;
  /** Without a leading `v`. */
  runtimeVersion: string;
  /** Who started the script this build runs in; null where nobody says. */
  packageManager: PackageManager | null;
  /** The coding agent that runs the build, one of `agents` in agent.ts; null where there is none. */
  agent: string | null;
}

export type Runtime = "node" | "bun" | "deno";
export type PackageManager = (typeof packageManagers)[number];

/** Anything else that names itself becomes `other`, the last one. */
export const packageManagers = ["npm", "pnpm", "yarn", "bun", "deno", "other"] as const;

export function readBuildFacts(env: NodeJS.ProcessEnv = process.env): BuildFacts {
  const { isCI, name, id } = detectCI(env);
  return {
    isCI,
    ciName: name,
    ciVendor: isCI ? (id?.toLowerCase() ?? "unknown") : null,
    ...readRuntime(process.versions),
    packageManager: packageManagerOf(env.npm_config_user_agent),
    agent: detectAgent(env),
  };
}

/** Bun and Deno claim to be Node as well, so they are asked first. */
export function readRuntime(versions: Record<string, string | undefined>): {
  runtime: Runtime;
  runtimeVersion: string;
} {
  if (versions.bun) return { runtime: "bun", runtimeVersion: versions.bun };
  if (versions.deno) return { runtime: "deno", runtimeVersion: versions.deno };
  return { runtime: "node", runtimeVersion: versions.node ?? "" };
}

/** A user agent reads `pnpm/9.1.0 npm/? node/v22.1.0 linux x64`. */
export function packageManagerOf(userAgent: string | undefined): PackageManager | null {
  if (!userAgent) return null;
  const name = String(userAgent).split("/", 1)[0];
  return packageManagers.find((known) => known === name) ?? "other";
}
