import path from "node:path";
import { readableEnv, systemIsOpen } from "./permissions.ts";

/**
 * Where everything of one product lies on this machine. This module owns the paths: nobody else
 * joins one. Making a `Places` touches no disk.
 */
export interface Places {
  /** The user's choice, id and salt; created by a build, rewritten by commands only. */
  readonly preferences: string;
  /** Everything else lies below this folder. */
  readonly state: string;
  /** The batches that wait. */
  readonly spool: string;
  readonly lock: string;
  /** One file a sink. */
  readonly backoff: string;
  /** One file a day. */
  readonly rollups: string;
  /** Payloads as sent, for `show`. */
  readonly sent: string;
  /** What local mode keeps; never sent. */
  readonly local: string;
  /** What the notice has already told, and when. */
  readonly notices: string;
  /** The last run that said CI's one line. */
  readonly noticedRun: string;
  /** Product versions that a collector answered with 410. */
  readonly stopped: string;
  /** What sinks were asked to erase and have not confirmed yet, one file each. */
  readonly erasures: string;
  /** With `identity: "none"`: a mark for each day, week and month in which something was recorded. */
  readonly firsts: string;
  /** Its age tells when a sender was last started. */
  readonly lastStart: string;
  /** Where an administrator says no for everybody on this machine. */
  readonly policies: readonly string[];
}

export interface Surroundings {
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** Empty where there is none: places are then relative, and not to be used. */
  home: string;
}

export function surroundings(): Surroundings {
  const env = readableEnv();
  const { platform } = process;
  return {
    env,
    platform,
    home: (platform !== "win32" && String(env.HOME ?? "")) || homeOrNothing(),
  };
}

/**
 * A user id that no account has, and no `HOME`, is usual in containers: `homedir` throws there.
 * Under Deno without permission it may ask. Where `HOME` says the same, `node:os` isn't loaded.
 */
function homeOrNothing(): string {
  try {
    return systemIsOpen() ? process.getBuiltinModule("node:os").homedir() : "";
  } catch {
    return "";
  }
}

export function placesFor(name: string, around: Surroundings = surroundings()): Places {
  const folders = foldersFor(around);
  const { join, sep } = folders;
  const state = join(folders.state, name, "telemetry");
  // Not joined, which would look at the whole of it once more for each.
  const inState = (file: string) => state + sep + file;
  return {
    preferences: join(folders.config, name, "telemetry.json"),
    state,
    spool: inState("spool"),
    lock: inState("sender.lock"),
    backoff: inState("backoff"),
    rollups: inState("rollups"),
    sent: inState("sent.jsonl"),
    local: inState("local.jsonl"),
    notices: inState("notices.json"),
    noticedRun: inState("noticed-run"),
    stopped: inState("stopped.json"),
    erasures: inState("erasures"),
    firsts: inState("firsts"),
    lastStart: inState("last-start"),
    policies: [
      join(folders.policy, name, "telemetry.json"),
      join(folders.policy, "sendoff", "telemetry.json"),
    ],
  };
}

/** How a file is called in what is written down: without the home, which often names its owner. */
export function fromHome(file: string): string {
  return path.relative(surroundings().home, file);
}

/** The file that was called so; one that is called by its whole path stays. */
export function inHome(file: string): string {
  return path.resolve(surroundings().home, file);
}

/** The platform's conventional folders; a relative or empty variable is as good as none (XDG). */
function foldersFor({ env, platform, home }: Surroundings) {
  const { join, isAbsolute, sep } = platform === "win32" ? path.win32 : path.posix;
  const given = (variable: string) => {
    const value = String(env[variable] ?? "");
    return isAbsolute(value) ? value : undefined;
  };
  if (platform === "win32") {
    const local = given("LOCALAPPDATA") ?? join(home, "AppData", "Local");
    return {
      join,
      sep,
      config: given("XDG_CONFIG_HOME") ?? given("APPDATA") ?? join(home, "AppData", "Roaming"),
      state: given("XDG_STATE_HOME") ?? local,
      policy: given("PROGRAMDATA") ?? "C:\\ProgramData",
    };
  }
  if (platform === "darwin") {
    const support = join(home, "Library", "Application Support");
    return {
      join,
      sep,
      config: given("XDG_CONFIG_HOME") ?? join(home, "Library", "Preferences"),
      state: given("XDG_STATE_HOME") ?? support,
      policy: "/Library/Application Support",
    };
  }
  return {
    join,
    sep,
    config: given("XDG_CONFIG_HOME") ?? join(home, ".config"),
    state: given("XDG_STATE_HOME") ?? join(home, ".local", "state"),
    policy: "/etc",
  };
}
