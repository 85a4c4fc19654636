import { type Choices, choices } from "./random.ts";

/** Where builds run besides people's machines, and what starts them. */
export interface Vendor {
  /** As `anonymousId` says it, after `ci.`. */
  id: string;
  name: string | null;
  isDocker: boolean;
}

export const vendors: Choices<Vendor> = choices([
  [{ id: "github_actions", name: "GitHub Actions", isDocker: false }, 64],
  [{ id: "gitlab", name: "GitLab CI", isDocker: true }, 12],
  [{ id: "vercel", name: "Vercel", isDocker: false }, 8],
  [{ id: "netlify", name: "Netlify CI", isDocker: true }, 4],
  [{ id: "circle", name: "CircleCI", isDocker: true }, 3],
  [{ id: "cloudflare_pages", name: "Cloudflare Pages", isDocker: true }, 3],
  [{ id: "azure_pipelines", name: "Azure Pipelines", isDocker: false }, 2],
  [{ id: "jenkins", name: "Jenkins", isDocker: true }, 2],
  [{ id: "unknown", name: null, isDocker: true }, 2],
]);

export const managers = choices<string | null>([
  ["npm", 49],
  ["pnpm", 29],
  ["yarn", 11],
  ["bun", 6],
  ["deno", 1],
  [null, 4],
]);

export const agents = choices([
  ["claude", 38],
  ["cursor", 27],
  ["copilot", 14],
  ["codex", 11],
  ["gemini", 4],
  ["opencode", 3],
  ["devin", 2],
  ["other", 1],
]);

/** More every week: the share of somebody's builds that an agent starts. */
export function agentShare(progress: number, affinity: number): number {
  return Math.min(0.95, (0.08 + 0.16 * progress) * affinity);
}

export const runtimes = choices([
  ["node", 945],
  ["bun", 45],
  ["deno", 10],
]);
export const runtimeVersions: Record<string, string> = { bun: "1.3.2", deno: "2.5.6" };
/** What they say where somebody asks for Node.js's. */
export const standsForNode: Record<string, string> = { bun: "24.3.0", deno: "24.2.0" };
