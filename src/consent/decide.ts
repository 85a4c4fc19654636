import { isSet } from "../support/env.ts";
import type { Reading } from "./preferences.ts";

/**
 * May we? The precedence of opt-outs, as one pure function over what was found on the machine.
 * The first row that matches decides; the rows are numbered as in docs/design.md, section 9.
 */
export interface Situation {
  env: NodeJS.ProcessEnv;
  /** Variables of the product that turn telemetry off. */
  offVariables: readonly string[];
  /** The product's own `enabled` option. */
  enabledByProduct: boolean;
  /** The machine policy that says off, if any. */
  policyOff: string | undefined;
  /** Undefined where it can't be told. */
  projectOff: boolean | undefined;
  inCI: boolean;
  ci: "send" | "skip";
  /** Until when a 410 keeps this version silent: milliseconds since 1970. */
  stoppedUntil: number | undefined;
  now: number;
  /** Why the home folder can't be used, if so. */
  homeProblem: string | undefined;
  /** The product's own preferences first. */
  preferences: readonly Reading[];
  consent: "opt-out" | "opt-in";
}

export type State = "on" | "local" | "off";

export interface Decision {
  state: State;
  /** The row that decided, 1 to 10. */
  row: number;
  /** What decided, in a few words for people. */
  because: string;
}

export function decide(situation: Situation): Decision {
  const { env, preferences } = situation;
  if (isSet(env.DO_NOT_TRACK)) return off(1, "DO_NOT_TRACK is set");
  const variable = situation.offVariables.find((name) => isSet(env[name]));
  if (variable) return off(2, `${variable} is set`);
  if (!situation.enabledByProduct) return off(3, "the product has turned it off");
  if (situation.policyOff) return off(4, `the machine's policy ${situation.policyOff} says off`);
  if (situation.projectOff) return off(5, "the project's package.json says off");
  if (situation.inCI && situation.ci === "skip") return off(6, "the product skips CI");
  if (situation.stoppedUntil !== undefined && situation.now < situation.stoppedUntil) {
    const day = new Date(situation.stoppedUntil).toISOString().slice(0, 10);
    return off(7, `the collector takes nothing from this version until ${day}`);
  }
  if (situation.projectOff === undefined) return off(8, "the working directory is gone");
  const unreadable = preferences.find((reading) => reading.is === "unreadable");
  if (unreadable?.is === "unreadable") return off(8, unreadable.problem);
  if (situation.homeProblem) return off(8, situation.homeProblem);

  const choices = preferences.map((r) => (r.is === "read" ? r.preferences.enabled : undefined));
  if (choices.includes(false)) return off(9, "the preferences say off");
  if (choices.includes("local"))
    return { state: "local", row: 9, because: "the preferences say local" };
  if (choices.includes(true)) return { state: "on", row: 9, because: "the preferences say on" };
  if (situation.consent === "opt-in") return off(10, "nobody has agreed yet");
  return { state: "on", row: 10, because: "nothing says otherwise" };
}

function off(row: number, because: string): Decision {
  return { state: "off", row, because };
}
