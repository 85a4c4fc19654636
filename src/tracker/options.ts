import path from "node:path";
import type { PreferencesFile } from "../consent/index.ts";
import { type Definitions, type EventSet, isDefinitions } from "../events/define.ts";
import type { MetadataLevel } from "../metadata/meta.ts";
import { envPrefix } from "../support/env.ts";
import { isRecord } from "../support/files.ts";
import { rotateDaysDefault } from "../support/limits.ts";
import { isLoopbackUrl, type SinkOptions, sinkProblem, urlProblem } from "../support/sinks.ts";

/** What a product says about its telemetry. */
export interface TelemetryOptions<Events extends EventSet = EventSet> {
  /** The product, in lower case: the prefix of its variables, its folders, its name in the notice. */
  name: string;
  /** The product's version, such as `1.1.3`. */
  version: string;
  /** Where events go: https, or http to a loopback address. */
  endpoint: string;
  /** What can be sent: made by `defineEvents`. */
  events: Definitions<Events>;
  /**
   * A page that tells users about it; named in the notice.
   * @default undefined
   */
  policyUrl?: string;
  /**
   * `false` turns it off, whatever else says on (a flag, a config file). A promise keeps everything
   * in memory, and writes and shows nothing, until it resolves.
   * @default true
   */
  enabled?: boolean | Promise<boolean>;
  /**
   * Whether it is on until somebody turns it off, or off until somebody agrees.
   * @default "opt-out"
   */
  consent?: "opt-out" | "opt-in";
  /**
   * `"hold"`: what the run that showed the notice has recorded waits for the next run.
   * @default "hold"
   */
  firstRun?: "hold" | "send";
  /**
   * Whether builds in CI are counted.
   * @default "send"
   */
  ci?: "send" | "skip";
  /**
   * How closely the machine is described; the same keys at every level.
   * @default "coarse"
   */
  metadata?: MetadataLevel;
  /**
   * `"installation"`: a random id that a machine keeps for `rotateDays`; `"none"`: no id at all.
   * @default "installation"
   */
  identity?: "installation" | "none";
  /**
   * Days until an installation's id is replaced by another.
   * @default 365
   */
  rotateDays?: number;
  /**
   * Where a sender delivers.
   * @default [{ type: "http", url: endpoint }]
   */
  sinks?: readonly SinkOptions[];
  /**
   * Milliseconds between senders outside CI; builds in between only write.
   * @default 0
   */
  flushEvery?: number;
  /**
   * Milliseconds that a process may wait at its exit for the delivery, in an ephemeral place, where
   * the sender may die with the container.
   * @default 0
   */
  exitWait?: number;
  /**
   * Path or file URL of the product's own bundled copy of `sendoff/sender`.
   * @default found beside the package, or beside the bundle as `sendoff-sender.*`
   */
  sender?: string | URL;
  /**
   * Other files whose opt-out, id and salt count.
   * @default none
   */
  preferences?: { alsoRead?: readonly PreferencesFile[] };
  /**
   * More names of variables that turn telemetry off, or turn debug on.
   * @default none
   */
  env?: { disabled?: readonly string[]; debug?: readonly string[] };
  /**
   * Who collects; told in the notice.
   * @default not stated
   */
  publisher?: { name: string; contact?: string; host?: string; retentionDays?: number };
}

/** The same with everything filled in. */
export interface ResolvedOptions {
  name: string;
  version: string;
  definitions: Definitions;
  policyUrl: string | undefined;
  enabled: boolean | Promise<boolean>;
  consent: "opt-out" | "opt-in";
  firstRun: "hold" | "send";
  ci: "send" | "skip";
  metadata: MetadataLevel;
  identity: "installation" | "none";
  rotateDays: number;
  sinks: SinkOptions[];
  flushEvery: number;
  exitWait: number;
  sender: string | URL | undefined;
  alsoRead: readonly PreferencesFile[];
  offVariables: readonly string[];
  debugVariables: readonly string[];
  sessionVariable: string;
  publisher: string | undefined;
}

/** @throws TypeError that names the option and says what it takes. */
export function resolveOptions(options: TelemetryOptions): ResolvedOptions {
  if (!isRecord(options)) throw new TypeError("createTelemetry takes an object of options.");
  const { name, version, endpoint, events } = options;
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    throw misuse("name", 'takes lower case letters, digits and hyphens, such as "acme"');
  }
  if (
    typeof version !== "string" ||
    !/^v?\d{1,6}(\.\d{1,6}){0,3}([-+][\w.+-]{1,64})?$/.test(version)
  ) {
    throw misuse("version", 'takes the product\'s version, such as "1.1.3"');
  }
  const problem = urlProblem(endpoint);
  if (problem) throw misuse("endpoint", problem);
  if (!isDefinitions(events)) {
    throw misuse("events", "takes what defineEvents({ ...buildEvents }) returns");
  }
  const prefix = envPrefix(name);
  return {
    name,
    version,
    definitions: events,
    policyUrl: page("policyUrl", options.policyUrl),
    enabled: enabledOption(options.enabled),
    consent: choice("consent", options.consent, ["opt-out", "opt-in"]),
    firstRun: choice("firstRun", options.firstRun, ["hold", "send"]),
    ci: choice("ci", options.ci, ["send", "skip"]),
    metadata: choice("metadata", options.metadata, ["coarse", "full", "none"]),
    identity: choice("identity", options.identity, ["installation", "none"]),
    rotateDays: days("rotateDays", options.rotateDays ?? rotateDaysDefault),
    sinks: sinksFor(options, endpoint, process.env[`${prefix}_TELEMETRY_ENDPOINT`]),
    flushEvery: milliseconds("flushEvery", options.flushEvery),
    exitWait: milliseconds("exitWait", options.exitWait),
    sender: senderOption(options.sender),
    alsoRead: options.preferences?.alsoRead ?? [],
    offVariables: [`${prefix}_TELEMETRY_DISABLED`, ...(options.env?.disabled ?? [])],
    debugVariables: [`${prefix}_DEBUG_TELEMETRY`, ...(options.env?.debug ?? [])],
    sessionVariable: `${prefix}_TELEMETRY_SESSION`,
    publisher: options.publisher?.name,
  };
}

/** The variable takes loopback addresses only: nobody's environment redirects a user's data. */
function sinksFor(
  { sinks }: TelemetryOptions,
  endpoint: string,
  override: string | undefined,
): SinkOptions[] {
  if (override !== undefined && isLoopbackUrl(override)) return [{ type: "http", url: override }];
  if (sinks === undefined) return [{ type: "http", url: endpoint }];
  for (const sink of sinks) {
    const found = sinkProblem(sink);
    if (found) throw misuse("sinks", found);
  }
  return [...sinks];
}

function enabledOption(
  enabled: boolean | Promise<boolean> | undefined,
): boolean | Promise<boolean> {
  if (enabled === undefined || typeof enabled === "boolean") return enabled ?? true;
  if (typeof enabled === "object" && typeof enabled?.then === "function") return enabled;
  throw misuse("enabled", "takes true, false, or a promise of either");
}

function choice<const Word extends string>(
  option: string,
  given: Word | undefined,
  words: readonly [Word, ...Word[]],
): Word {
  if (given === undefined) return words[0];
  if (words.includes(given)) return given;
  throw misuse(option, `takes ${words.map((word) => `"${word}"`).join(" or ")}`);
}

function days(option: string, given: number): number {
  if (Number.isFinite(given) && given >= 1) return given;
  throw misuse(option, "takes a number of days, 1 or more");
}

function senderOption(sender: string | URL | undefined): string | URL | undefined {
  const file = sender === undefined ? undefined : String(sender);
  if (file === undefined || file.startsWith("file:") || path.isAbsolute(file)) return sender;
  throw misuse(
    "sender",
    'takes an absolute path or a file URL, such as path.join(__dirname, "sender.js")',
  );
}

function milliseconds(option: string, given = 0): number {
  if (Number.isFinite(given) && given >= 0) return given;
  throw misuse(option, "takes milliseconds, 0 or more");
}

function page(option: string, url: string | undefined): string | undefined {
  if (url === undefined || (typeof url === "string" && URL.canParse(url))) return url;
  throw misuse(option, "takes the URL of a page");
}

function misuse(option: string, takes: string): TypeError {
  return new TypeError(`createTelemetry: "${option}" ${takes}.`);
}
