import { type Decision, decide } from "../consent/decide.ts";
import { lookAround, type Subject } from "../consent/look.ts";
import type { Reading } from "../consent/preferences.ts";
import { type BuildFacts, readBuildFacts } from "../metadata/build-facts.ts";
import { hasTerminal, isContainer, isEphemeral } from "../metadata/container.ts";
import { currentProject, type Project, projectTelemetryOff } from "../metadata/project.ts";
import { createDebug, type Debug, type DebugMode, debugMode } from "../support/debug.ts";
import { placesFor } from "../support/paths.ts";
import { readableEnv, systemIsOpen } from "../support/permissions.ts";
import type { ResolvedOptions } from "./options.ts";
import { joinSession, type Session } from "./session.ts";

/** What all parts of one tracker stand on. Made without touching the disk. */
export interface Ground {
  options: ResolvedOptions;
  subject: Subject;
  debug: Debug;
  session: Session;
  /** Read once, when first asked for. */
  facts(): BuildFacts;
  project(): Project | undefined;
}

export function createGround(options: ResolvedOptions): Ground {
  const { name, version, offVariables, alsoRead } = options;
  let facts: BuildFacts | undefined;
  let project: Project | undefined;
  return {
    options,
    subject: { name, version, places: placesFor(name), offVariables, alsoRead },
    debug: createDebug(modeOf(options)),
    session: joinSession(options.sessionVariable),
    facts: () => {
      facts ??= readBuildFacts();
      return facts;
    },
    project: () => {
      project ??= currentProject();
      return project;
    },
  };
}

/** May we, as things are now? Reads everything anew. */
export function decideNow(ground: Ground, enabledByProduct: boolean): Decision {
  return consentNow(ground, enabledByProduct).decision;
}

/** The same, and what was found in the preferences: what they hold a moment later may differ. */
export function consentNow(
  ground: Ground,
  enabledByProduct: boolean,
): { decision: Decision; preferences: readonly Reading[] } {
  if (!systemIsOpen()) {
    const because = "Deno's permissions don't allow it";
    return { decision: { state: "off", row: 8, because }, preferences: [] };
  }
  const { options, subject } = ground;
  const project = ground.project();
  const situation = lookAround(subject, {
    enabledByProduct,
    projectOff: project && projectTelemetryOff(options.name, project.packageFiles),
    inCI: ground.facts().isCI,
    ci: options.ci,
    consent: options.consent,
    makesPreferences: !isPassing(ground, false),
  });
  return { decision: decide(situation), preferences: situation.preferences };
}

/** May this place be thrown away or copied? */
export function isPassing({ facts }: Ground, hasPreferences: boolean): boolean {
  const { isCI } = facts();
  const inContainer = !isCI && isContainer();
  return isEphemeral({
    isCI,
    isContainer: inContainer,
    hasPreferences,
    hasTerminal: inContainer && hasTerminal(),
  });
}

function modeOf({ debugVariables }: ResolvedOptions): DebugMode {
  const modes = debugVariables.map((name) => debugMode(readableEnv()[name]));
  return modes.find((mode) => mode !== "off") ?? "off";
}
