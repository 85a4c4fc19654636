import { existsSync } from "node:fs";
import {
  type Decision,
  decide,
  lookAround,
  type Reading,
  readAllPreferences,
  readNotices,
  type Subject,
} from "../consent/index.ts";
import { readBuildFacts } from "../metadata/build-facts.ts";
import { currentProject, projectTelemetryOff } from "../metadata/project.ts";
import {
  type Asks,
  countWaiting,
  lastSentAt,
  listSpool,
  readBatch,
  type SenderTask,
} from "../spool/index.ts";
import { debugMode } from "../support/debug.ts";
import { envPrefix } from "../support/env.ts";
import { inHome, type Places, placesFor } from "../support/paths.ts";
import { doorKey, type TrackerDoor } from "../tracker/door.ts";
import { type SenderCommand, senderCommand } from "../tracker/find-sender.ts";
import type { ResolvedOptions } from "../tracker/options.ts";
import type { TelemetryStatus } from "../tracker/tracker.ts";

/** Of a tracker, what the commands ask for in the open. The rest comes through its door. */
export interface RunnableTelemetry {
  readonly name: string;
  status(): TelemetryStatus;
}

/** One product's telemetry on this machine, as the commands see it. */
export interface Access {
  name: string;
  subject: Subject;
  places: Places;
  /** What the product says; undefined where all that is known of it is its name. */
  options: ResolvedOptions | undefined;
  /** As the product says it; by name alone, as its last notice did. */
  identity: ResolvedOptions["identity"];
  /** False where the product was asked whether it wants to, and hasn't said in time. */
  isSettled: boolean;
  debugVariable: string;
  offVariable: string;
  /** Whether anything of the product has ever been on this machine. */
  isKnownHere(): boolean;
  status(): TelemetryStatus;
  readings(): Reading[];
  senderCommand(): SenderCommand;
  senderTask(): SenderTask;
}

/** How long a configuration may take to load until a command goes on without it. */
const settleMs = 2000;

/** @throws TypeError for what is no tracker. */
export async function accessTo(telemetry: RunnableTelemetry | string): Promise<Access> {
  if (typeof telemetry === "string") return accessByName(telemetry);
  const open = (telemetry as { [doorKey]?: () => TrackerDoor })?.[doorKey];
  if (!open) {
    throw new TypeError("runTelemetryCommand takes what createTelemetry returned, and the words.");
  }
  const { options, subject, projectFiles, decide, senderCommand } = open();
  const isSettled = await settles(options.enabled);
  const { consent } = options;
  return access({ subject, options, consent, isSettled, projectFiles, decide, senderCommand });
}

function accessByName(name: string): Access {
  const places = placesFor(name);
  const asks = asksOf(places.spool);
  const subject: Subject = {
    name,
    version: "",
    places,
    offVariables: [
      `${envPrefix(name)}_TELEMETRY_DISABLED`,
      ...new Set(asks.flatMap(({ offVariables }) => offVariables)),
    ],
    alsoRead: [
      ...new Map(
        asks
          .flatMap(({ alsoRead }) => alsoRead)
          .map((other) => [other.file, { ...other, file: inHome(other.file) }]),
      ).values(),
    ],
  };
  const consent = asks.some(({ consent }) => consent === "opt-in") ? "opt-in" : "opt-out";
  const project = currentProject();
  return access({
    subject,
    options: undefined,
    consent,
    isSettled: true,
    projectFiles: project?.packageFiles ?? [],
    decide: () =>
      decide(
        lookAround(subject, {
          enabledByProduct: true,
          projectOff: project && projectTelemetryOff(name, project.packageFiles),
          inCI: readBuildFacts().isCI,
          ci: "send",
          consent,
        }),
      ),
    senderCommand: () => senderCommand(undefined),
  });
}

/** A notice lists the id among what is new, so that all that was told says whether there is one. */
function identityTold(notices: string): ResolvedOptions["identity"] {
  return readNotices(notices)?.terms?.includes("anonymousId") === false ? "none" : "installation";
}

/** What waits says who may refuse that it is sent. */
function asksOf(spool: string): Asks[] {
  const batches = listSpool(spool).map(({ file }) => readBatch(file));
  return batches.flatMap((parsed) =>
    parsed.is === "batch" && parsed.batch.asks ? [parsed.batch.asks] : [],
  );
}

interface Known {
  subject: Subject;
  options: ResolvedOptions | undefined;
  consent: ResolvedOptions["consent"];
  isSettled: boolean;
  projectFiles: readonly string[];
  decide(): Decision;
  senderCommand(): SenderCommand;
}

function access(known: Known): Access {
  const { subject, options, projectFiles } = known;
  const { name, places } = subject;
  const debugVariable = options?.debugVariables[0] ?? `${envPrefix(name)}_DEBUG_TELEMETRY`;
  return {
    name,
    subject,
    places,
    options,
    identity: options?.identity ?? identityTold(places.notices),
    isSettled: known.isSettled,
    debugVariable,
    offVariable: subject.offVariables[0] as string,
    isKnownHere: () => existsSync(places.preferences) || existsSync(places.state),
    status: () => ({
      ...known.decide(),
      preferences: places.preferences,
      waiting: countWaiting(places.spool),
      lastSentAt: lastSentAt(places.sent),
    }),
    readings: () => readAllPreferences(subject),
    senderCommand: known.senderCommand,
    senderTask: () => ({
      subject,
      projectFiles,
      consent: known.consent,
      debug: debugMode(process.env[debugVariable]),
      runStartedAt: Date.now(),
      ignoreBackoff: true,
    }),
  };
}

/** Whether the product has said by then whether it wants to. Its error means no, as for a build. */
async function settles(enabled: boolean | Promise<boolean>): Promise<boolean> {
  if (typeof enabled === "boolean") return true;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, settleMs, false);
  });
  const said = enabled.then(
    () => true,
    () => true,
  );
  return Promise.race([said, late]).finally(() => clearTimeout(timer));
}
