import { decide, lookAround, type Subject } from "../consent/index.ts";
import { readBuildFacts } from "../metadata/build-facts.ts";
import { findProject, projectTelemetryOff } from "../metadata/project.ts";
import { listSpool, type SenderTask } from "../spool/index.ts";
import { debugMode } from "../support/debug.ts";
import { envPrefix } from "../support/env.ts";
import { type Places, placesFor } from "../support/paths.ts";
import { chooseTelemetry } from "../tracker/choose.ts";
import type { TelemetryStatus } from "../tracker/tracker.ts";

/** What the commands need of a product, known by its name alone. */
export interface TelemetryAccess {
  name: string;
  places: Places;
  debugVariable: string;
  status(): TelemetryStatus;
  /** @throws with what to do. */
  choose(enabled: boolean): string;
  senderTask(): SenderTask;
}

export function accessByName(name: string): TelemetryAccess {
  const prefix = envPrefix(name);
  const places = placesFor(name);
  const debugVariable = `${prefix}_DEBUG_TELEMETRY`;
  const offVariables = [`${prefix}_TELEMETRY_DISABLED`];
  const subject: Subject = { name, version: "", places, offVariables, alsoRead: [] };
  const { packageFiles } = findProject(process.cwd());
  return {
    name,
    places,
    debugVariable,
    choose: (enabled) => chooseTelemetry(places, enabled),
    status() {
      const situation = lookAround(subject, {
        enabledByProduct: true,
        projectOff: projectTelemetryOff(name, packageFiles),
        inCI: readBuildFacts().isCI,
        ci: "send",
        consent: "opt-out",
      });
      const waiting = listSpool(places.spool).filter(({ kind }) => kind !== "draft").length;
      return { ...decide(situation), preferences: places.preferences, waiting };
    },
    senderTask: () => ({
      subject,
      projectFiles: packageFiles,
      consent: "opt-out",
      debug: debugMode(process.env[debugVariable]),
      runStartedAt: Date.now(),
      ignoreBackoff: true,
    }),
  };
}
