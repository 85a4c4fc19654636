import { uptimeMs } from "../support/clock.ts";
import { randomHex } from "../support/ids.ts";
import { sessionMaxMs } from "../support/limits.ts";
import { readableEnv } from "../support/permissions.ts";

/**
 * A run: one command that somebody started, with all the processes and workers below it. The first
 * process passes its id and its start on through the environment, so that a run is counted as one
 * and a notice that its parent showed is not taken for an earlier run's.
 */
export interface Session {
  /** 64 hexadecimal digits, random. */
  id: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Whether a process of this run has said the one line that CI gets. */
  noticed: boolean;
}

export function joinSession(variable: string, env: NodeJS.ProcessEnv = readableEnv()): Session {
  const passedOn = env[variable];
  // Most processes are a run's first: they need no pattern, which takes a tenth of a millisecond.
  const [, id, startedAt, noticed] =
    (passedOn && /^([0-9a-f]{64})\.(\d{1,15})(\.n)?$/.exec(passedOn)) || [];
  const isRecent = Math.abs(Date.now() - Number(startedAt)) < sessionMaxMs;
  if (id !== undefined && isRecent) {
    return { id, startedAt: Number(startedAt), noticed: noticed !== undefined };
  }
  const session = {
    id: randomHex(64),
    startedAt: processStartedAt(),
    noticed: false,
  };
  passOn(variable, session, env);
  return session;
}

export function passOn(
  variable: string,
  session: Session,
  env: NodeJS.ProcessEnv = readableEnv(),
): void {
  // Not assigned, which throws where somebody has frozen it.
  Reflect.set(env, variable, `${session.id}.${session.startedAt}${session.noticed ? ".n" : ""}`);
}

/** `performance.timeOrigin` says the same, for half a millisecond more. */
function processStartedAt(): number {
  return Math.floor(Date.now() - uptimeMs());
}
