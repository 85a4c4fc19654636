import { readNotices } from "../../consent/index.ts";
import { attemptTimeoutMs } from "../../support/limits.ts";
import { destination } from "../../support/sinks.ts";
import type { CommandContext } from "../command.ts";
import { aligned, plural } from "../terminal.ts";
import { type BuildCommand, type BuildRun, runBuild } from "./builds.ts";
import { type Comparison, compareBuilds, median, spread } from "./compare.ts";
import { makePlace, type Place } from "./place.ts";

/** What `try` was asked to run. */
export interface Trial extends BuildCommand {
  pairs: number | undefined;
}

/** Runs the build and prints the report. @returns the exit code. */
export async function tryCommand(context: CommandContext, trial: Trial): Promise<number> {
  const { access, terminal } = context;
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, stop);
  const place = await makePlace(access);
  try {
    const run = (env: Record<string, string>) => runBuild(trial, env, interrupt.signal);
    terminal.progress("the first build, which shows the notice …");
    const first = await firstBuild(place, run);
    if (!first) return nothingRecorded(context);
    terminal.progress("the second build, which sends …");
    const body = await payloadOf(place, () => run(place.on));

    const pairs = trial.pairs ?? pairsFor(first.run.ms);
    const comparison = await compareBuilds({
      place,
      command: trial,
      pairs,
      cancelSignal: interrupt.signal,
      onPair: (pair) => terminal.progress(`pair ${pair} of ${pairs} …`),
    });
    const address = new URL(place.receiver.url).host;
    const destinations = (access.options?.productSinks ?? []).map(destination);
    const found = { trial, ...first, address, destinations, body, comparison };
    return report(context, found) ? 0 : 1;
  } finally {
    await place[Symbol.asyncDispose]();
    for (const signal of signals) process.removeListener(signal, stop);
  }
}

interface First {
  run: BuildRun;
  /** As it was shown; undefined if none was. */
  notice: string | undefined;
  /** Whether somebody had to agree before. */
  isOptIn: boolean;
}

/** Undefined if it recorded nothing. */
async function firstBuild(
  place: Place,
  run: (env: Record<string, string>) => Promise<BuildRun>,
): Promise<First | undefined> {
  const isRecorded = () => place.waiting().length > 0 || place.receiver.connections > 0;
  const first = await run(place.on);
  const noticeOf = (run: BuildRun) => readNotices(place.notices)?.text ?? lineOf(run, place);
  if (isRecorded()) return { run: first, notice: noticeOf(first), isOptIn: false };
  place.agree();
  const second = await run(place.on);
  if (isRecorded()) return { run: second, notice: noticeOf(second), isOptIn: true };
  return undefined;
}

/** Where a build takes this for a throw-away container, it says one line. */
function lineOf({ stderr }: BuildRun, { off, on }: Place): string | undefined {
  const [variable = ""] = Object.keys(off).filter((name) => on[name] !== off[name]);
  return stderr.split("\n").find((line) => line.includes(`${variable}=1`));
}

/** What came in; or where no sender is started each time, what it would send. */
async function payloadOf(
  { receiver, waiting }: Place,
  build: () => Promise<BuildRun>,
): Promise<string> {
  await build();
  const waits = waiting().flatMap(({ requests }) => requests.map(({ body }) => body));
  // One that never comes is shown as it waits.
  await receiver.waitForEvents(1).catch(() => {});
  const came = receiver.requests.filter(({ payload }) => payload.events.length > 0);
  return came.at(-1)?.body ?? waits.at(-1) ?? "{}";
}

/** As many as fit in half a minute. */
function pairsFor(ms: number): number {
  return Math.max(3, Math.min(15, Math.round(30_000 / (2 * ms))));
}

function nothingRecorded({ access, terminal }: CommandContext): number {
  terminal.complain(
    `This build recorded nothing for ${access.name}. If ${access.name} is part of it, run it with\n` +
      `${access.debugVariable}=1, which says why.`,
  );
  return 1;
}

interface Report extends First {
  /** The receiver's, as the notice names it. */
  address: string;
  /** What it would name instead, where that is known. */
  destinations: readonly string[];
  trial: Trial;
  body: string;
  comparison: Comparison;
}

/** True if it holds what it promises. */
function report({ access, terminal }: CommandContext, found: Report): boolean {
  const { body, comparison, isOptIn, notice, trial } = found;
  const { bold, dim, green, red } = terminal.style;
  const heading = (words: string, note = "") => terminal.print(`\n${bold(words)}${dim(note)}`);
  terminal.print(`${access.name} telemetry, tried with: ${[trial.file, ...trial.args].join(" ")}`);
  terminal.print(dim("Nothing left this machine: the receiver was here, and the home a new one."));

  heading("The notice", isOptIn ? ", after somebody has agreed" : ", shown by the first build");
  terminal.print(indented(notice === undefined ? "(none was shown)" : asElsewhere(notice, found)));

  heading("What this build would send", `, ${plural(Buffer.byteLength(body), "byte")}`);
  terminal.print(indented(JSON.stringify(JSON.parse(body), null, 2)));

  const { requestAfterMs, withTelemetry, without } = comparison;
  const [on, off] = [withTelemetry, without].map((runs) => runs.map(({ ms }) => ms)) as [
    number[],
    number[],
  ];
  const pairs = plural(off.length, "pair");
  heading("How long the build took", `, median of ${pairs}, with and without in turn`);
  // One alone can't vary.
  const noise =
    off.length > 1 ? `, where builds without it vary by ${Math.round(spread(off))} ms` : "";
  terminal.print(
    aligned([
      ["with telemetry", seconds(median(on))],
      ["without", seconds(median(off))],
      ["difference", `${signed(median(on) - median(off))} ms${noise}`],
      ...requestRow(requestAfterMs),
    ]),
  );
  terminal.print();
  const verdicts = [waiting(median(on) - median(off)), exitCodes(withTelemetry, without)];
  for (const { isGood, says } of verdicts) {
    terminal.print(`${isGood ? green("✓") : red("✗")} ${says}`);
  }
  return verdicts.every(({ isGood }) => isGood);
}

/** The receiver's address was only there for this. */
function asElsewhere(notice: string, { address, destinations }: Report): string {
  if (destinations.length > 0) return notice.trim().replaceAll(address, destinations.join(", "));
  return `${notice.trim()}\n(${address} is the receiver here)`;
}

interface Verdict {
  isGood: boolean;
  says: string;
}

/** The endpoint took each request and never answered: whoever waits does so for five seconds. */
function waiting(differenceMs: number): Verdict {
  if (differenceMs > attemptTimeoutMs / 2) {
    return { isGood: false, says: "It waited for an endpoint that never answers." };
  }
  const says = "It did not wait: the endpoint never answered, and each build ended all the same.";
  return { isGood: true, says };
}

/** Nothing where the builds started no senders. */
function requestRow(afterMs: readonly number[]): [string, string][] {
  if (afterMs.length === 0) return [];
  const ms = Math.round(median(afterMs));
  return [
    ["request", ms >= 0 ? `came in ${ms} ms after the end` : `came in ${-ms} ms before the end`],
  ];
}

function exitCodes(withTelemetry: readonly BuildRun[], without: readonly BuildRun[]): Verdict {
  const codes = (runs: readonly BuildRun[]) =>
    [...new Set(runs.map(({ exitCode }) => exitCode ?? "a signal"))].join(", ");
  const [on, off] = [codes(withTelemetry), codes(without)];
  if (on === off) {
    return { isGood: true, says: `It ended as it would have: exit code ${on} with and without.` };
  }
  return { isGood: false, says: `Exit codes differ: ${on} with telemetry, ${off} without.` };
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function signed(ms: number): string {
  const rounded = Math.round(ms);
  return rounded > 0 ? `+${rounded}` : String(rounded);
}
