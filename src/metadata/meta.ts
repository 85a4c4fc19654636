import type { BuildFacts } from "./build-facts.ts";
import { coarseMachine } from "./coarse.ts";
import type { MachineFacts } from "./machine.ts";

/**
 * Where a build ran: the `meta` of a payload. What only the build's process knows (runtime, package
 * manager, CI, agent) is read there and lies in the batch; what only takes time (CPU, memory,
 * Docker, WSL) is read by the sender. The two meet here. Every value is one of a list, a version or
 * a size: no host name, no user name, no path, and nothing that the environment spells freely.
 */
export type WireMeta = { [Key in keyof Facts]: Facts[Key] | null };

type Facts = MachineFacts & Omit<BuildFacts, "ciVendor">;

/** `coarse` rounds what describes the machine; `none` keeps the keys and empties them. */
export type MetadataLevel = "coarse" | "full" | "none";

/** The same keys in the same order at every level, so that a reader knows one shape. */
export function createMeta(
  level: MetadataLevel,
  build: BuildFacts,
  machine: MachineFacts,
): WireMeta {
  if (level === "none") return nothing;
  const { platform, systemRelease, arch, cpuCores, cpuModel, cpuSpeed, memoryTotal } =
    level === "full" ? machine : coarseMachine(machine);
  return {
    platform,
    systemRelease,
    arch,
    cpuCores,
    cpuModel,
    cpuSpeed,
    memoryTotal,
    isDocker: machine.isDocker,
    isWsl: machine.isWsl,
    isCI: build.isCI,
    ciName: build.ciName,
    runtime: build.runtime,
    runtimeVersion: build.runtimeVersion,
    packageManager: build.packageManager,
    agent: build.agent,
  };
}

const nothing: WireMeta = Object.freeze({
  platform: null,
  systemRelease: null,
  arch: null,
  cpuCores: null,
  cpuModel: null,
  cpuSpeed: null,
  memoryTotal: null,
  isDocker: null,
  isWsl: null,
  isCI: null,
  ciName: null,
  runtime: null,
  runtimeVersion: null,
  packageManager: null,
  agent: null,
});
