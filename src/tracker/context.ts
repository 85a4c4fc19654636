import { identityOf, renewed } from "../consent/identity.ts";
import type { Reading } from "../consent/preferences.ts";
import { hashProject } from "../metadata/project.ts";
import type { BatchContent } from "../spool/batch.ts";
import type { Ground } from "./ground.ts";

export type Context = BatchContent["context"];

/** Under the id and salt that these hold. */
export function machineContext(ground: Ground, readings: readonly Reading[], now: number): Context {
  const { options, session } = ground;
  if (options.identity === "none") return nobody;
  const { anonymousId = null, salt } = renewed(identityOf(readings), options.rotateDays, now);
  const project = ground.project();
  const projectHash = salt && project ? hashProject(salt, project.projectId) : null;
  return { anonymousId, projectHash, sessionId: session.id };
}

/** No id at all: what a run has in common with another can't be told. */
export const nobody: Context = { anonymousId: null, projectHash: null, sessionId: null };
