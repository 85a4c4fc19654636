import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isContainer } from "../metadata/container.ts";
import { type Places, placesFor } from "../support/paths.ts";
import { containerPreload } from "./container-preload.ts";
import { quietEnv } from "./quiet-env.ts";
import { readSpool, type SpooledFile } from "./spooled.ts";

export interface IsolatedHomeOptions {
  /** Further variables for `env`; undefined takes one away. */
  env?: Record<string, string | undefined>;
  /**
   * Whether a build (under Node) takes its place for a container, wherever the test itself runs.
   * Without a terminal and preferences a container is ephemeral: no id, no waiting first run.
   * @default false
   */
  container?: boolean;
}

export interface PreferencesToWrite {
  /** @default true */
  enabled?: boolean | "local";
  /** 64 hex digits; null leaves it out. @default random, or none where `enabled` is false */
  anonymousId?: string | null;
  /** 32 hex digits; null leaves it out. @default random, or none where `enabled` is false */
  salt?: string | null;
  /** Since when the id counts, in ms since 1970; null leaves it out. @default 1700000000000 */
  notifiedAt?: number | string | null;
}

/** A home of its own, empty at first, below the system's folder for temporary files. */
export interface IsolatedHome extends Disposable {
  readonly path: string;
  /**
   * A full environment for a child process, not to be merged with the current one (execa merges
   * unless told `extendEnv: false`).
   */
  readonly env: Readonly<Record<string, string>>;
  preferencesFile(name: string): string;
  /** Where the product keeps everything but the preferences. */
  stateFolder(name: string): string;
  /**
   * Those of somebody who has an id, unless told otherwise; returns the file's content. The notice
   * is due all the same: the first build shows it, and holds back as `firstRun` says.
   */
  writePreferences(name: string, preferences?: PreferencesToWrite): Record<string, unknown>;
  /** The batches that wait. */
  spool(name: string): SpooledFile[];
  /** Every file in here, relative, with `/`, sorted. */
  files(): string[];
  remove(): void;
}

export function isolatedHome(options: IsolatedHomeOptions = {}): IsolatedHome {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), "sendoff-home-"));
  const root = path.join(folder, "root");
  const home = path.join(root, "home");
  mkdirSync(home, { recursive: true });

  const env = definedOnly({
    ...quietEnv(process.env),
    ...homeVariables(root, home),
    ...placeVariables(folder, options.container ?? false),
    ...options.env,
  });
  const places = (name: string): Places =>
    placesFor(name, { env, platform: process.platform, home });

  const isolated: IsolatedHome = {
    path: root,
    env,
    preferencesFile: (name) => places(name).preferences,
    stateFolder: (name) => places(name).state,
    writePreferences(name, preferences = {}) {
      const file = places(name).preferences;
      const content = preferencesOnDisk(preferences);
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
      return content;
    },
    spool: (name) => readSpool(places(name).spool),
    files: () => filesBelow(root),
    // A sender may be writing in here.
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
    [Symbol.dispose]: () => isolated.remove(),
  };
  return isolated;
}

/** The folders differ from the home's own defaults, so that a mix-up shows. */
function homeVariables(root: string, home: string): Record<string, string> {
  return {
    HOME: home,
    XDG_CONFIG_HOME: path.join(root, "config"),
    XDG_STATE_HOME: path.join(root, "state"),
    XDG_DATA_HOME: path.join(root, "data"),
    XDG_CACHE_HOME: path.join(root, "cache"),
    USERPROFILE: home,
    APPDATA: path.join(home, "AppData", "Roaming"),
    LOCALAPPDATA: path.join(home, "AppData", "Local"),
  };
}

/** Nothing where the test runs in such a place anyway. */
function placeVariables(folder: string, container: boolean): Record<string, string> {
  if (isContainer() === container) return {};
  const preload = path.join(folder, "place.cjs");
  writeFileSync(preload, containerPreload(container));
  return { NODE_OPTIONS: `--require ${JSON.stringify(preload)}` };
}

function preferencesOnDisk(preferences: PreferencesToWrite): Record<string, unknown> {
  const { enabled = true, notifiedAt = 1_700_000_000_000 } = preferences;
  const identity = (bytes: number) =>
    enabled === false ? null : randomBytes(bytes).toString("hex");
  const { anonymousId = identity(32), salt = identity(16) } = preferences;
  return {
    "telemetry.enabled": enabled,
    ...(notifiedAt !== null && { "telemetry.notifiedAt": String(notifiedAt) }),
    ...(anonymousId !== null && { "telemetry.anonymousId": anonymousId }),
    ...(salt !== null && { "telemetry.salt": salt }),
  };
}

function filesBelow(root: string): string[] {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => !isFolder(path.join(root, name)))
    .map((name) => name.split(path.sep).join("/"))
    .sort();
}

/** A file that went away since it was listed counts as one still. */
function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function definedOnly(env: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(env);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
