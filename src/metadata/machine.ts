import { arch, cpus, platform, release, totalmem } from "node:os";

/** The machine, as the sender finds it; the same values that xmcp's own telemetry sends. */
export interface MachineFacts {
  /** As Node names it: `linux`, `darwin`, `win32`, … */
  platform: string;
  /** The kernel's release, such as `6.1.0-21-amd64`. */
  systemRelease: string;
  /** As Node names it: `x64`, `arm64`, … */
  arch: string;
  /** Logical cores; 0 where the system doesn't say. */
  cpuCores: number;
  /** The first core's, as the vendor words it. */
  cpuModel: string | null;
  /** MHz, the first core's at this moment. */
  cpuSpeed: number | null;
  /** MiB, truncated. */
  memoryTotal: number;
  isDocker: boolean;
  isWsl: boolean;
}

/** Reads files below /proc: nothing for a build. */
export function describeMachine(found: Pick<MachineFacts, "isDocker" | "isWsl">): MachineFacts {
  const cores = cpus();
  return {
    platform: platform(),
    systemRelease: release(),
    arch: arch(),
    cpuCores: cores.length,
    cpuModel: cores[0]?.model ?? null,
    cpuSpeed: cores[0]?.speed ?? null,
    memoryTotal: Math.trunc(totalmem() / 1024 ** 2),
    ...found,
  };
}
