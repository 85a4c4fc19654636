import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startCollector } from "./collector.mjs";
import { compare, isUnchanged, median } from "./compare.mjs";
import { saveLog } from "./log.mjs";
import { machines, startMachine } from "./machine.mjs";
import { picture } from "./picture.mjs";
import { complain, dim, green, json, progress, section, table, tell } from "./terminal.mjs";

/** Returns the exit status: 0 only if everything was as the last line says. */
export async function demo(args) {
  const { values } = parseArgs({ args, options: { svg: { type: "string" } } });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  try {
    const collector = await startCollector();
    const first = await startMachine({ collector });
    const noticed = await tellNotice(first);
    const rows = await compare(first);
    const timed = tellTimes(rows);
    const builds = rows.flatMap((row) => row.with);
    tellPayloads(first, builds);
    await tellComeback(builds);
    // Each build is one event; two were the first machine's.
    const recorded = builds.length + 2;
    const stored = await tellStored(collector, recorded);
    const last = tellDelivered(recorded);
    if (values.svg) writeFileSync(values.svg, picture([noticed, timed, stored, last]));
    return 0;
  } catch (error) {
    complain(`\nNot as promised: ${error.message}\nWhat the builds have said is in ${saveLog()}`);
    return 1;
  } finally {
    await Promise.all(machines.map((machine) => machine.stop()));
  }
}

async function tellNotice(first) {
  progress("the first build");
  const { stderr: notice } = await first.build("webpack");
  check(notice.includes("acme collects"), "the first build shows no notice");
  check(first.receiver.connections === 0, "the first build sends something");
  progress("the second build");
  const { stderr: nothing } = await first.build("esbuild");
  check(nothing === "", "the second build shows something");
  await first.received(2);
  await first.senderGone;
  return section(
    "The first build on a machine shows this, and sends nothing",
    ...notice
      .trim()
      .replaceAll(/^/gm, `  ${dim("│")} `)
      .split("\n"),
    "",
    dim("  The second build shows nothing. After it, the events of both were delivered."),
  );
}

function tellTimes(rows) {
  const printed = section(
    `Builds without and with telemetry: medians of ${rows[0].with.length} rounds, in turns`,
    ...table(
      ["build", "endpoint", "without", "with", "waited for the network"],
      rows.map((row) => [build(row), endpoint(row), time(row.without), time(row.with), wait(row)]),
    ),
    "",
    dim("  Each build with telemetry has a home and an endpoint to itself. The endpoint keeps its"),
    dim("  answer until the build is gone: one that waited for it would be stuck there."),
  );
  for (const row of rows) {
    const which = `${build(row)}, with an endpoint that ${endpoint(row)}`;
    check(!hasWaited(row), `${which}: a build waited for the network`);
    check(isUnchanged(row), `${which}: exit status or output are not what they are without`);
  }
  return printed;
}

function tellPayloads(first, builds) {
  const [{ payload }] = first.receiver.requests;
  const failed = builds.find(({ exitCode }) => exitCode !== 0);
  section(
    "What the endpoint received",
    json(payload),
    "",
    dim("  Of a build that failed it gets an error's class or code, never its message:"),
    json(failed.request.payload.events[0].fields),
  );
}

async function tellComeback(builds) {
  progress("the senders give up");
  const lives = builds.map(async ({ endedAt, machine }) => (await machine.senderGone) - endedAt);
  const longest = Math.max(...(await Promise.all(lives))) / 1000;
  check(longest < Number.POSITIVE_INFINITY, "a sender does not end");
  const unanswered = machines.filter(({ answers }) => !answers);
  for (const [done, machine] of unanswered.entries()) {
    progress(`sendoff flush: ${done + 1} of ${unanswered.length}`);
    machine.answers = true;
    await machine.flush();
  }
  section(
    "Where the endpoint never answered",
    `  The senders of ${unanswered.length} builds gave up, the last ${longest.toFixed(1)} s after its build. The events waited.`,
    "  The endpoints are back: `sendoff flush --name acme` in each home has delivered them.",
  );
}

async function tellStored(collector, recorded) {
  progress("the collector stops");
  await collector.stop();
  const rows = await collector.query(`
    SELECT bundler, success, count(*) AS events, median(duration) AS duration
    FROM events GROUP BY ALL ORDER BY bundler, success DESC`);
  const total = rows.reduce((sum, { events }) => sum + Number(events), 0);
  check(total === recorded, `the collector's database has ${total} of ${recorded} events`);
  return section(
    "What the collector has stored, read back from its database by SQL",
    ...table(
      ["bundler", "result", "events", "median duration"],
      rows.map(({ bundler, success, events, duration }) => [
        bundler,
        success ? "completed" : "failed",
        String(events),
        `${Math.round(Number(duration))} ms`,
      ]),
    ),
  );
}

function tellDelivered(recorded) {
  const delivered = new Set(machines.flatMap((machine) => [...machine.delivered])).size;
  check(delivered === recorded, `delivered ${delivered} of ${recorded} events`);
  const left = machines.flatMap(({ home }) => home.spool("acme")).length;
  check(left === 0, `${left} batches still wait`);
  const line = `delivered and stored ${delivered} of ${recorded} events; no build waited for the network`;
  return tell(`\n${green(line)}`);
}

function build({ bundler, broken }) {
  return broken ? `${bundler}, failing` : bundler;
}

function endpoint({ answers }) {
  return answers ? "answers at once" : "never answers";
}

function time(builds) {
  return `${Math.round(median(builds.map(({ durationMs }) => durationMs)))} ms`;
}

function wait(row) {
  if (hasWaited(row)) return "yes";
  const beforeMs = Math.round(median(row.with.map(({ requestAfterMs }) => requestAfterMs)));
  return beforeMs > 0 ? `no, gone ${beforeMs} ms before its request came in` : "no";
}

function hasWaited(row) {
  return row.with.some(({ machine }) => machine.wasWaitedFor);
}

function check(isTrue, otherwise) {
  if (!isTrue) throw new Error(otherwise);
}
