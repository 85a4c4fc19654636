import { everyId, identityOf, type Preferences } from "../../consent/index.ts";
import { newIdentity } from "../../consent/make-preferences.ts";
import { describeAnswer } from "../../flush/answer.ts";
import { askErasures, type ErasureOutcome } from "../../flush/erase.ts";
import { openSink } from "../../sink/index.ts";
import { eraseState, listSpool, readSent, rememberErasure } from "../../spool/index.ts";
import { attemptTimeoutMs, claimDeadAfterMs, rotateDaysDefault } from "../../support/limits.ts";
import { destination, type SinkOptions } from "../../support/sinks.ts";
import { changePreferences } from "../../tracker/choose.ts";
import type { Access } from "../access.ts";
import type { Command, CommandContext } from "../command.ts";
import { knownSinks } from "../sinks.ts";
import { shortPath, type Terminal } from "../terminal.ts";
import { waitingBatches } from "../waiting.ts";
import { complainOfLeftovers } from "./choose.ts";

export const erase: Command = {
  summary: "delete everything here, and have what was sent deleted",
  details: [
    "Asks each endpoint to delete what it holds under this machine's id, also under those of",
    "earlier years. The id is only forgotten where that was confirmed; an endpoint that can't be",
    "reached is asked again by the next sender and the next `erase`, for 90 days.",
    "An opt-out stays. Otherwise builds begin anew, with the notice: `disable` turns them off.",
  ],
  async run(context) {
    const { access, terminal, call } = context;
    const { places } = access;
    const isKnown = access.isKnownHere();
    const sinks = knownSinks(access);
    const ids = idsOf(access);
    const others = sinks.filter((sink) => !openSink(sink)?.erase);

    // First what has to survive a crash: from here on the ids are kept with whom to ask.
    const askedAt = Date.now();
    const wanted = sinks
      .filter((sink) => !others.includes(sink))
      .flatMap((sink) => ids.map((anonymousId) => ({ sink, anonymousId, askedAt })));
    const remember = () => {
      for (const erasure of wanted) rememberErasure(places.erasures, erasure);
    };
    remember();
    const [own, ...elsewhere] = access.readings();
    // Another version's file keeps its id; one of our own keeps it from coming back.
    const hasOther = elsewhere.some((other) => identityOf([other]).anonymousId);
    if (hasOther || own?.is !== "absent") {
      changePreferences(places, (before) =>
        // A file that nobody can read may have been an opt-out.
        own?.is === "unreadable" ? { enabled: false } : afterErasure(before, hasOther),
      );
    }
    const hasSender = isSending(places.spool);
    eraseState(places);
    const leftovers = complainOfLeftovers({ access, terminal });
    if (!isKnown) terminal.print(`Nothing of ${access.name} was here.`);
    else if (leftovers === 0)
      terminal.print("Deleted here: what waited, what was kept, the counts, the id and the salt.");
    await requestsEnded(hasSender, terminal);

    // A sender that ended meanwhile may have asked, and forgotten them: before the last request, perhaps.
    remember();
    const outcomes = await asked(access, terminal);
    const isAsked = tell(outcomes, context);
    for (const sink of ids.length > 0 ? others : []) tellOther(sink, ids, terminal);
    if (sinks.length === 0 && ids.length > 0) {
      terminal.complain(
        `Where ${access.name} sends to is not known here. If anything was sent, ask its publisher to\n` +
          `delete what came under ${idWords(ids)}`,
      );
      return 1;
    }
    if (ids.length === 0 && outcomes.length === 0) terminal.print("There was no id to ask with.");
    const all = isAsked && (others.length === 0 || ids.length === 0) && leftovers === 0;
    if (all && access.status().state !== "off") {
      terminal.print(`Builds begin anew, with the notice. To turn them off: ${call("disable")}`);
    }
    return all ? 0 : 1;
  },
};

/** Every id under which something may have left: of each period, and of whatever is kept. */
function idsOf({ options, places, readings }: Access): string[] {
  const rotateDays = options?.rotateDays ?? rotateDaysDefault;
  const bodies = [
    ...readSent(places.sent).map(({ body }) => body),
    ...waitingBatches(places.spool).flatMap(({ requests }) => requests.map(({ body }) => body)),
  ];
  const seen = bodies.flatMap((body) => /"anonymousId":"([0-9a-f]{64})"/.exec(body)?.[1] ?? []);
  const ofPeriods = readings().flatMap((reading) => {
    const first = identityOf([reading]);
    // How long a period is, or was in an earlier version, may not be known. How many there were is
    // told by the last id that was used; none is shorter than a day.
    const daily = everyId(first, 1, Date.now());
    const used = daily.slice(0, daily.findLastIndex((id) => seen.includes(id)) + 1);
    return [...everyId(first, rotateDays, Date.now()), ...used];
  });
  return [...new Set([...ofPeriods, ...seen])];
}

/** An opt-out, or a wish to stay local, stays. Undefined: no preferences, as before the first run. */
function afterErasure({ enabled }: Preferences, isIdNeeded: boolean): Preferences | undefined {
  if (enabled === false || enabled === "local") return { enabled };
  return isIdNeeded ? newIdentity() : undefined;
}

/** A sender may have a request under way, which would arrive after ours. */
function isSending(spool: string): boolean {
  const now = Date.now();
  return listSpool(spool).some(({ claimedAt = 0 }) => now - claimedAt < claimDeadAfterMs);
}

/** Its next one it doesn't make: it looks for its batch before each. */
async function requestsEnded(hasSender: boolean, terminal: Terminal): Promise<void> {
  if (!hasSender) return;
  terminal.progress("a sender was at work; waiting for its last request to end …");
  await new Promise((resolve) => setTimeout(resolve, attemptTimeoutMs));
}

async function asked({ places }: Access, terminal: Terminal): Promise<ErasureOutcome[]> {
  terminal.progress("asking for erasure …");
  const startedAt = performance.now();
  const lifeLeftMs = () => 60_000 - (performance.now() - startedAt);
  return askErasures({ places, lifeLeftMs, ignoreBackoff: true });
}

/** One line a place. True if all have confirmed. */
function tell(outcomes: readonly ErasureOutcome[], context: CommandContext): boolean {
  const { access, terminal, call } = context;
  const { green, red } = terminal.style;
  const hostOf = ({ erasure }: ErasureOutcome) => destination(erasure.sink);
  for (const host of new Set(outcomes.map(hostOf))) {
    const ofHost = outcomes.filter((outcome) => hostOf(outcome) === host);
    const open = ofHost.filter(({ answer }) => !isConfirmed(answer));
    if (open.length === 0) {
      terminal.print(`${green("✓")} ${host} has deleted what it held`);
      continue;
    }
    const [answer] = open.flatMap(({ answer }) => (answer ? [describeAnswer(answer)] : []));
    terminal.complain(
      `${red("✗")} ${host} has not confirmed it (${answer ?? "not asked"}); it is asked again\n` +
        ` ${byNextSender(access)} by: ${call("erase")}`,
    );
  }
  return outcomes.every(({ answer }) => isConfirmed(answer));
}

/** Where telemetry is off no build starts one. */
export function byNextSender(access: Access): string {
  return access.status().state === "on" ? " by the next sender, and" : "";
}

function isConfirmed(answer: ErasureOutcome["answer"]): boolean {
  return answer !== undefined && "status" in answer && answer.status >= 200 && answer.status < 300;
}

/** Sinks that have no way to be asked. */
function tellOther(sink: SinkOptions, ids: readonly string[], { complain, style }: Terminal): void {
  const where = sink.type === "file" ? shortPath(sink.path) : destination(sink);
  const fix =
    sink.type === "file"
      ? "it is yours to delete"
      : `ask whoever runs it to delete what came under ${idWords(ids)}`;
  complain(`${style.red("✗")} ${where} can't be asked to delete: ${fix}`);
}

function idWords(ids: readonly string[]): string {
  return ids.length === 1 ? `the id ${ids[0]}` : `the ids\n  ${ids.join("\n  ")}`;
}
