import { fingerprint } from "../../../src/events/fingerprint.ts";
import { hourOf } from "../../../src/metadata/hour.ts";
import { eventOf } from "./build.ts";
import type { Installation } from "./installation.ts";
import { cloudMachine, type Machine } from "./machines.ts";
import { agentShare, agents, managers, runtimeVersions, standsForNode, vendors } from "./places.ts";
import { demoDefinitions } from "./product.ts";
import { createProject } from "./project.ts";
import type { Random } from "./random.ts";
import { nodeVersionOn, releaseOn } from "./releases.ts";

/** A moment of the history: where in it, and when it is. */
export interface Moment {
  day: number;
  days: number;
  /** Milliseconds since 1970. */
  at: number;
}

export type DemoPayload = ReturnType<typeof payload>;

export function developersBuild(who: Installation, moment: Moment, random: Random): DemoPayload {
  const { day, days } = moment;
  const progress = day / days;
  const project = who.projects[random.integer(who.projects.length)] ?? createProject(random, true);
  const node = nodeVersionOn(day, days, who.nodeRank, who.nodeLag);
  const isAgents = random.chance(agentShare(progress, who.agentAffinity));
  const build = {
    project,
    machine: who.machine,
    release: releaseOn(day, who.habit, who.since),
    nodeVersion: standsForNode[who.runtime] ?? node,
    isCI: false,
    progress,
    // Agents try more, and fail more.
    failing: who.failing + (isAgents ? 0.06 : 0),
  };
  return payload(random, moment, {
    anonymousId: who.anonymousId,
    projectHash: project.hash,
    meta: metaOf(who.machine, {
      runtime: who.runtime,
      runtimeVersion: runtimeVersions[who.runtime] ?? node,
      packageManager: who.packageManager,
      agent: isAgents ? who.agent : null,
    }),
    event: eventOf(build, random),
  });
}

/** Nobody's: each run is on a machine of its own, of a project that can't be told. */
export function ciBuild(moment: Moment, random: Random): DemoPayload {
  const { id, name, isDocker } = random.pick(vendors);
  const machine = cloudMachine(random, isDocker);
  const ci = { isCI: true, ciName: name };
  return cloudBuild(`ci.${id}`, machine, moment, random, ci);
}

export function containersBuild(moment: Moment, random: Random): DemoPayload {
  return cloudBuild("container", cloudMachine(random, true), moment, random, {});
}

function cloudBuild(
  anonymousId: string,
  machine: Machine,
  moment: Moment,
  random: Random,
  ci: { isCI?: boolean; ciName?: string | null },
): DemoPayload {
  const { day, days } = moment;
  const progress = day / days;
  const nodeVersion = nodeVersionOn(day, days, random.share(), 3);
  const habit = {
    lag: random.logNormal(8, 0.9),
    isPinned: random.chance(0.12),
    takesPrereleases: random.chance(0.01),
  };
  const build = {
    project: createProject(random, false),
    machine,
    release: releaseOn(day, habit, random.integer(day + 1)),
    nodeVersion,
    isCI: true,
    progress,
    failing: 0.045,
  };
  const isAgents = random.chance(agentShare(progress, 0.25));
  const meta = metaOf(machine, {
    ...ci,
    runtime: "node",
    runtimeVersion: nodeVersion,
    packageManager: random.pick(managers),
    agent: isAgents ? random.pick(agents) : null,
  });
  return payload(random, moment, {
    anonymousId,
    projectHash: null,
    meta,
    event: eventOf(build, random),
  });
}

/** What `telemetry.count` has added up on a day of watching. */
export function countOfDay(who: Installation, moment: Moment, random: Random): DemoPayload {
  const { day, days } = moment;
  const count = Math.ceil(random.logNormal(38, 1));
  const node = nodeVersionOn(day, days, who.nodeRank, who.nodeLag);
  return payload(random, moment, {
    anonymousId: who.anonymousId,
    projectHash: null,
    sessionId: null,
    meta: metaOf(who.machine, {
      runtime: who.runtime,
      runtimeVersion: runtimeVersions[who.runtime] ?? node,
      packageManager: who.packageManager,
      agent: null,
    }),
    event: {
      eventName: "usage:rollup",
      fields: {
        name: random.chance(0.7) ? "rebuild" : "toolCall",
        count,
        errors: Math.min(count, Math.floor(random.waiting(count * 0.06))),
        productVersion: releaseOn(day, who.habit, who.since).version,
      },
    },
  });
}

interface Told {
  runtime: string;
  runtimeVersion: string;
  packageManager: string | null;
  agent: string | null;
  isCI?: boolean;
  ciName?: string | null;
}

function metaOf(machine: Machine, told: Told) {
  const { runtime, runtimeVersion, packageManager, agent, isCI = false, ciName = null } = told;
  return { ...machine, isCI, ciName, runtime, runtimeVersion, packageManager, agent };
}

const definitions = fingerprint(demoDefinitions);

function payload(
  random: Random,
  { at }: Moment,
  part: {
    anonymousId: string;
    projectHash: string | null;
    sessionId?: null;
    meta: ReturnType<typeof metaOf>;
    event: { eventName: string; fields: Record<string, unknown> };
  },
) {
  const { anonymousId, projectHash, meta, event } = part;
  const sessionId = part.sessionId === undefined ? random.hex(64) : null;
  const timestamp = hourOf(new Date(at).toISOString());
  return {
    schemaVersion: 1,
    definitions,
    batchId: random.uuid(),
    context: { anonymousId, projectHash, sessionId },
    meta,
    events: [{ id: random.uuid(), eventName: event.eventName, timestamp, fields: event.fields }],
  };
}
