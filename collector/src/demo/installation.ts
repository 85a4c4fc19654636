import { somebodysZone } from "./calendar.ts";
import { developersMachine, type Machine } from "./machines.ts";
import { agents, managers, runtimes } from "./places.ts";
import { createProject, type Project } from "./project.ts";
import { createRandom } from "./random.ts";
import type { Habit } from "./releases.ts";

/** Somebody's machine, and their ways. */
export interface Installation {
  anonymousId: string;
  /** The day from which it has the product; before the history's first one for many. */
  since: number;
  /** The day after which it is given up. */
  until: number;
  zone: number;
  machine: Machine;
  projects: readonly Project[];
  habit: Habit;
  /** See `nodeVersionOn`. */
  nodeRank: number;
  nodeLag: number;
  packageManager: string | null;
  runtime: string;
  agent: string;
  agentAffinity: number;
  /** The share of builds that fail for reasons of its own. */
  failing: number;
}

/** Whoever shows up in the first weeks has mostly had the product before. */
const earlier = { days: 18, share: 0.85, mean: 55 };

/**
 * The same for the same seed and number, in whatever order they are asked for.
 * @param first the day of its first build, from 0.
 */
export function createInstallation(seed: number, number: number, first: number): Installation {
  const random = createRandom(seed, number);
  const isOlder = first < earlier.days && random.chance(earlier.share);
  const projects = 1 + Math.min(3, Math.floor(random.waiting(0.7)));
  return {
    anonymousId: random.hex(64),
    since: isOlder ? first - random.waiting(earlier.mean) : first,
    until: first + random.waiting(70),
    zone: somebodysZone(random),
    machine: developersMachine(random),
    projects: Array.from({ length: projects }, () => createProject(random, true)),
    habit: {
      lag: random.logNormal(6, 0.9),
      isPinned: random.chance(0.09),
      takesPrereleases: random.chance(0.03),
    },
    nodeRank: random.share(),
    nodeLag: random.waiting(12),
    packageManager: random.pick(managers),
    runtime: random.pick(runtimes),
    agent: random.pick(agents),
    agentAffinity: random.logNormal(0.8, 0.9),
    failing: Math.min(0.4, random.logNormal(0.055, 0.6)),
  };
}
