import type { NoticeWording, PreferencesFile, Publisher } from "../consent/index.ts";
import type { Definitions, EventSet } from "../events/define.ts";
import type { MetadataLevel } from "../metadata/meta.ts";
import type { SinkOptions } from "../support/sinks.ts";

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
  publisher?: Publisher;
  /**
   * The notice in the product's own words. What has to be told (the product, where to, the page, the
   * way off, what was added) is put below them where they leave it out. The one line of CI and of
   * throw-away containers stays as it is.
   * @default sendoff's own words
   */
  notice?: NoticeWording;
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
  /** The same as the product has it, whatever a variable says for this run. */
  productSinks: SinkOptions[];
  flushEvery: number;
  exitWait: number;
  sender: string | URL | undefined;
  alsoRead: readonly PreferencesFile[];
  offVariables: readonly string[];
  debugVariables: readonly string[];
  sessionVariable: string;
  publisher: Publisher | undefined;
  notice: NoticeWording | undefined;
}
