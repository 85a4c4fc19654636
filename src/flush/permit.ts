import { decide, lookAround } from "../consent/index.ts";
import { projectTelemetryOff } from "../metadata/project.ts";
import type { SenderTask } from "../spool/index.ts";
import { eraseWaiting } from "../spool/index.ts";
import type { Debug } from "../support/debug.ts";

/**
 * Asks again, before each request and each write: has somebody turned it off since? A sender that
 * finds an opt-out in the preferences deletes what waits; any other reason to be silent touches
 * nothing.
 */
export function createPermit(task: SenderTask, debug: Debug): () => boolean {
  const { subject, consent } = task;
  return () => {
    const situation = lookAround(subject, {
      enabledByProduct: true,
      projectOff: projectTelemetryOff(subject.name, [...task.projectFiles]),
      inCI: false,
      ci: "send",
      consent,
      makesPreferences: false,
    });
    const decision = decide(situation);
    if (decision.state === "on") return true;
    debug.say(`sender: ${decision.state}, ${decision.because}`);
    if (decision.state === "off" && decision.row === 9) eraseWaiting(subject.places);
    return false;
  };
}
