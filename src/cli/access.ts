import {
  type Decision,
  decide,
  lookAround,
  type Reading,
  readAllPreferences,
  type Subject,
} from "../consent/index.ts";
import { readBuildFacts } from "../metadata/build-facts.ts";
import { findProject, projectTelemetryOff } from "../metadata/project.ts";
import { countWaiting, lastSentAt, type SenderTask } from "../spool/index.ts";
import { debugMode } from "../support/debug.ts";
import { envPrefix } from "../support/env.ts";
import { type Places, placesFor } from "../support/paths.ts";
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
  /** False where the product was asked whether it wants to, and hasn't said in time. */
  isSettled: boolean;
  debugVariable: string;
  offVariable: string;
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
  return access({ subject, options, isSettled, projectFiles, decide, senderCommand });
}

function accessByName(name: string): Access {
  const subject: Subject = {
    name,
    version: "",
    places: placesFor(name),
    offVariables: [`${envPrefix(name)}_TELEMETRY_DISABLED`],
    alsoRead: [],
  };
  const { packageFiles } = findProject(process.cwd());
  return access({
    subject,
    options: undefined,
    isSettled: true,
    projectFiles: packageFiles,
    decide: () =>
      decide(
        lookAround(subject, {
          enabledByProduct: true,
          projectOff: projectTelemetryOff(name, packageFiles),
          inCI: readBuildFacts().isCI,
          ci: "send",
          consent: "opt-out",
        }),
      ),
    senderCommand: () => senderCommand(undefined),
  });
}

interface Known {
  subject: Subject;
  options: ResolvedOptions | undefined;
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
    isSettled: known.isSettled,
    debugVariable,
    offVariable: subject.offVariables[0] as string,
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
      consent: options?.consent ?? "opt-out",
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
