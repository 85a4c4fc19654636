import type { Payload } from "../spool/index.ts";
import { chooseTelemetry } from "./choose.ts";
import { decideNow, type Ground } from "./ground.ts";
import { samplePayload } from "./sample.ts";
import { noteTold, noticeText } from "./tell.ts";

/** What a product's prompt has to show before it asks. */
export interface ConsentQuestion {
  /** The notice: what is collected, where it goes, how to turn it off. */
  text: string;
  /** A request as it would be sent, with each event once; its fields' values are examples. */
  sample: Payload;
}

/** Undefined: no answer. Nothing is stored then, and the next run asks again. */
export type ConsentPrompt = (
  question: ConsentQuestion,
) => boolean | undefined | Promise<boolean | undefined>;

/** @throws what the prompt throws, and where the answer can't be stored. */
export async function askForConsent(
  ground: Ground,
  enabledByProduct: boolean,
  prompt: ConsentPrompt,
): Promise<boolean | undefined> {
  const { debug, options, subject } = ground;
  const obstacle = obstacleTo(ground, enabledByProduct);
  if (obstacle !== undefined) {
    debug.say(`nobody is asked: ${obstacle}`);
    return undefined;
  }
  const text = noticeText(options, []);
  const answer = await prompt({ text: text.trim(), sample: samplePayload(ground) });
  // Somebody may have chosen elsewhere while the question stood.
  if (typeof answer !== "boolean" || obstacleTo(ground, enabledByProduct) !== undefined) {
    return undefined;
  }
  chooseTelemetry(subject.places, answer, options);
  debug.say(`asked, and answered ${answer ? "yes" : "no"}`);
  if (answer) noteTold(options, subject.places, { shownAt: Date.now(), text });
  return answer;
}

/** Why nobody is to be asked; undefined if somebody may be. */
function obstacleTo(ground: Ground, enabledByProduct: boolean): string | undefined {
  const { state, row, because } = decideNow(ground, enabledByProduct);
  if (state !== "off" || row !== 10) return because;
  if (ground.debug.mode === "dry") return "a dry run stores no answer";
  if (ground.facts().isCI) return "this is CI";
  return hasPerson() ? undefined : "there is no terminal to ask in";
}

/** Can read a question and type an answer: one of them alone is a pipe at the other end. */
function hasPerson(): boolean {
  const { isatty } = process.getBuiltinModule("node:tty");
  return isatty(0) && (isatty(1) || isatty(2));
}
