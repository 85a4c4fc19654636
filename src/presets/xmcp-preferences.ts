import path from "node:path";
import type { PreferencesFile } from "../consent/index.ts";

/** The machine, as far as xmcp's places depend on it. */
export interface XmcpMachine {
  platform: NodeJS.Platform;
  /** Empty where there is none. */
  home: string;
  /** The system's folder for temporary files. */
  tmp: string;
}

/**
 * Where xmcp itself keeps preferences, whatever `XDG_CONFIG_HOME` says. Its place in the temporary
 * folder, for CI and Docker, is anybody's to write, and so is only asked for an opt-out.
 */
export function xmcpsOwnPreferences({ platform, home, tmp }: XmcpMachine): PreferencesFile[] {
  const { isAbsolute, join } = platform === "win32" ? path.win32 : path.posix;
  const folder = platform === "win32" ? join("AppData", "Local", "xmcp") : join(".config", "xmcp");
  const places: PreferencesFile[] = [
    { file: join(home, folder, "telemetry.json"), format: "flat" },
    { file: join(tmp, ".xmcp-cache", "telemetry.json"), format: "flat", optOutOnly: true },
  ];
  // A relative one would lie in the project that is being built.
  return places.filter(({ file }) => isAbsolute(file));
}
