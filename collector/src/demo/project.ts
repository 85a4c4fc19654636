import { choices, type Random } from "./random.ts";

/** What somebody builds: all that stays the same from build to build. */
export interface Project {
  /** Null where no salt is kept. */
  hash: string | null;
  bundler: string;
  modules: number;
  /** Bytes a module ends up as. */
  density: number;
  fields: Record<string, unknown>;
}

/** Share, time beside webpack, versions from old to new. */
const bundlers = {
  webpack: { share: 31, time: 1, versions: ["5.98.0", "5.101.3", "5.102.1"] },
  vite: { share: 27, time: 0.42, versions: ["6.4.1", "7.1.12", "7.2.2"] },
  esbuild: { share: 15, time: 0.09, versions: ["0.25.9", "0.25.12"] },
  rspack: { share: 12, time: 0.24, versions: ["1.5.8", "1.6.1"] },
  rolldown: { share: 8, time: 0.16, versions: ["1.0.0-beta.45", "1.0.0-rc.1"] },
  rollup: { share: 7, time: 0.75, versions: ["4.50.2", "4.53.1"] },
};
type Bundler = keyof typeof bundlers;
const names = Object.keys(bundlers) as Bundler[];
const bundlerChoices = choices(
  names.map((name): [Bundler, number] => [name, bundlers[name].share]),
);

export function timeOf(bundler: string): number {
  return bundlers[bundler as Bundler].time;
}

export function bundlerVersionOn(progress: number, bundler: string): string {
  const { versions } = bundlers[bundler as Bundler];
  return versions[Math.min(versions.length - 1, Math.floor(progress * versions.length))] as string;
}

const adapters = choices([
  ["none", 48],
  ["nextjs", 24],
  ["express", 16],
  ["nestjs", 7],
  ["fastify", 5],
]);
const features: readonly (readonly [string, number])[] = [
  ["auth", 0.31],
  ["cache", 0.12],
  ["middleware", 0.36],
  ["oauth", 0.17],
  ["paywall", 0.04],
  ["widgets", 0.21],
];

export function createProject(random: Random, hasHash: boolean): Project {
  const adapter = random.pick(adapters);
  const bundler =
    adapter === "nextjs" && random.chance(0.6) ? "webpack" : random.pick(bundlerChoices);
  const modules = Math.min(60_000, Math.ceil(random.logNormal(420, 1.05)));
  const tools = Math.min(400, Math.ceil(random.logNormal(5, 0.85)));
  const isReact = adapter === "nextjs" || random.chance(0.18);
  const typescript = random.chance(0.83);
  const sources = Math.ceil(modules * 0.12) + tools;
  const inReact = isReact ? Math.ceil(sources * 0.3) : 0;
  return {
    hash: hasHash ? random.hex(64) : null,
    bundler,
    modules,
    density: random.logNormal(2600, 0.5),
    fields: {
      toolsCount: tools,
      reactToolsCount: isReact ? random.integer(tools + 1) : 0,
      promptsCount: random.chance(0.45) ? Math.floor(random.logNormal(2, 0.8)) : 0,
      resourcesCount: random.chance(0.38) ? Math.floor(random.logNormal(3, 0.9)) : 0,
      transport: adapter !== "none" || random.chance(0.45) ? "http" : "stdio",
      adapter,
      typescript,
      features: features.flatMap(([name, share]) => (random.chance(share) ? [name] : [])),
      filesByKind: {
        [typescript ? "ts" : "js"]: sources - inReact,
        ...(inReact > 0 && typescript && { tsx: inReact }),
        ...(isReact && { css: 1 + random.integer(12) }),
        json: 1 + random.integer(6),
      },
    },
  };
}
