import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { openSink } from "../../sink/index.ts";
import { backoffUntil, isTrusted, listErasures } from "../../spool/index.ts";
import { attemptTimeoutMs, commandLockStaleMs } from "../../support/limits.ts";
import { destination, type SinkOptions, sinkKey } from "../../support/sinks.ts";
import type { Access } from "../access.ts";
import type { Command, CommandContext } from "../command.ts";
import { knownSinks } from "../sinks.ts";
import { ago, moment, plural, shortPath, wrapped } from "../terminal.ts";
import { waitingBatches } from "../waiting.ts";
import { byNextSender } from "./erase.ts";

export const doctor: Command = {
  summary: "look for what keeps telemetry from working, with the fix for each",
  details: [
    "Connects to the endpoint, sending nothing of yours, unless telemetry is off. Changes nothing.",
  ],
  async run(context) {
    const { access, terminal } = context;
    const { green, red, dim } = terminal.style;
    const marks = { good: green("✓"), bad: red("✗"), note: dim("·") };
    let problems = 0;
    const tell = ({ is, says, fix }: Finding) => {
      if (is === "bad") problems += 1;
      terminal.print(`${marks[is]} ${wrapped(says, terminal.width - 2).replaceAll("\n", "\n  ")}`);
      if (fix === undefined) return;
      terminal.print(wrapped(fix, terminal.width - 4).replace(/^/gm, "    "));
    };
    for (const finding of findHere(context)) tell(finding);
    for (const sink of knownSinks(access)) {
      terminal.progress(`asking ${destination(sink)} …`);
      tell(await findThere(sink, access));
    }
    if (knownSinks(access).length === 0) {
      tell({
        is: "note",
        says: `where ${access.name} sends to is not known here; nothing waits or was sent`,
      });
    }
    terminal.print();
    terminal.print(problems === 0 ? "Nothing is wrong." : `${plural(problems, "problem")} found.`);
    return problems === 0 ? 0 : 1;
  },
};

interface Finding {
  is: "good" | "bad" | "note";
  says: string;
  fix?: string;
}

function findHere({ access, call }: CommandContext): Finding[] {
  const { places, name } = access;
  return [
    runtime(),
    state(access, call),
    ...homeFolders(access),
    preferences(access),
    sender(access),
    ...atWork(access),
    ...waiting(access, call),
    ...erasures(access, call),
    ...commandLock(places.preferences, name),
  ];
}

/** What package.json asks for. */
const oldestNode = [20, 19] as const;

function runtime(): Finding {
  const { node = "0", bun, deno } = process.versions;
  if (bun) return { is: "good", says: `Bun ${bun}` };
  if (deno) return { is: "good", says: `Deno ${deno}` };
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const isNew = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  const says = `Node.js ${node}`;
  if (isNew) return { is: "good", says };
  return { is: "bad", says, fix: `It takes ${oldestNode.join(".")} or newer: update Node.js.` };
}

function state(access: Access, call: CommandContext["call"]): Finding {
  const { state, because, row } = access.status();
  const says = `${access.name} telemetry is ${state}: ${because}`;
  if (row === 8)
    return { is: "bad", says, fix: "When in doubt it is off; the lines below say more." };
  if (state === "off" && row === 9)
    return { is: "note", says, fix: `To turn it on: ${call("enable")}` };
  return { is: state === "on" ? "good" : "note", says };
}

const setHome = "Set HOME to your own folder.";

function homeFolders({ places }: Access): Finding[] {
  if (!path.isAbsolute(places.preferences)) {
    return [{ is: "bad", says: "there is no home folder", fix: setHome }];
  }
  return [path.dirname(places.preferences), places.state].map(writable);
}

/** The folder, or the nearest one above it, in which it would be made. */
function writable(folder: string): Finding {
  let nearest = folder;
  while (!existsSync(nearest) && path.dirname(nearest) !== nearest) nearest = path.dirname(nearest);
  const short = shortPath(folder);
  if (!statSync(nearest).isDirectory()) {
    const fix = `${shortPath(nearest)} is a file where a folder should be: move it away.`;
    return { is: "bad", says: `${short} can't be made`, fix };
  }
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
    return {
      is: "good",
      says: `${short} can be written${nearest === folder ? "" : ", once made"}`,
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const fix =
      code === "EROFS"
        ? "The disk is read-only: set XDG_CONFIG_HOME and XDG_STATE_HOME to folders that can be written."
        : `Make ${shortPath(nearest)} yours and writable.`;
    // Nobody should make the root folder theirs.
    const isNowhere = nearest === path.dirname(nearest);
    return {
      is: "bad",
      says: `${short} can't be written (${code})`,
      fix: isNowhere ? setHome : fix,
    };
  }
}

function preferences(access: Access): Finding {
  const readings = access.readings();
  const bad = readings.find((reading) => reading.is === "unreadable");
  if (bad?.is === "unreadable") {
    const fix = "Mend the file, or remove it and choose anew with `enable` or `disable`.";
    return { is: "bad", says: bad.problem, fix };
  }
  const file = shortPath(access.places.preferences);
  const isThere = readings[0]?.is === "read";
  return isThere
    ? { is: "good", says: `${file} can be read` }
    : { is: "note", says: `${file} is made by the first build` };
}

function sender(access: Access): Finding {
  const command = access.senderCommand();
  if ("problem" in command) return { is: "bad", says: "no sender", fix: command.problem };
  return { is: "good", says: `the sender is ${shortPath(command.args[0] ?? process.execPath)}` };
}

function atWork({ places }: Access): Finding[] {
  if (!isTrusted(places.lock, Date.now())) return [];
  return [{ is: "note", says: `a sender is at work${pidIn(places.lock)}; it has gone in 12 s` }];
}

function pidIn(lock: string): string {
  try {
    const { pid } = JSON.parse(readFileSync(lock, "utf8"));
    return typeof pid === "number" ? ` (process ${pid})` : "";
  } catch {
    return "";
  }
}

function waiting(access: Access, call: CommandContext["call"]): Finding[] {
  const batches = waitingBatches(access.places.spool);
  if (batches.length === 0) return [{ is: "note", says: "nothing waits" }];
  const [oldest] = batches as [(typeof batches)[0]];
  const says = `${plural(batches.length, "batch waits", "batches wait")}, the oldest written ${ago(Date.parse(oldest.since))}`;
  return [{ is: "note", says, fix: `To send now: ${call("flush")}` }];
}

function erasures(access: Access, call: CommandContext["call"]): Finding[] {
  const { places } = access;
  // A machine may have had several ids.
  const bySink = new Map(
    listErasures(places.erasures, Date.now()).map((asked) => [sinkKey(asked.sink), asked]),
  );
  return Array.from(bySink.values(), ({ sink, askedAt }) => ({
    is: "bad",
    says: `${destination(sink)} has not confirmed an erasure, asked for ${ago(askedAt)}`,
    fix: `It is asked again${byNextSender(access)} by: ${call("erase")}`,
  }));
}

function commandLock(preferences: string, name: string): Finding[] {
  const file = `${preferences}.lock`;
  // Where a folder on the way is a file, only this question throws nothing.
  const lock = existsSync(file) ? statSync(file, { throwIfNoEntry: false }) : undefined;
  if (!lock || Math.abs(Date.now() - lock.mtimeMs) > commandLockStaleMs) return [];
  return [{ is: "note", says: `another command is changing ${name}'s preferences` }];
}

async function findThere(sink: SinkOptions, access: Access): Promise<Finding> {
  const { places } = access;
  const host = destination(sink);
  const until = backoffUntil(places.backoff, sinkKey(sink), Date.now());
  const pause = until === undefined ? "" : `; builds leave it alone until ${moment(until)}`;
  if (sink.type === "file") return writable(path.dirname(sink.path));
  if (sink.type === "module") {
    if (existsSync(sink.path)) return { is: "good", says: `${host} is there${pause}` };
    return { is: "bad", says: `${host} is missing`, fix: `Install ${access.name} again.` };
  }
  const probe = openSink(sink)?.probe;
  if (!probe) return { is: "note", says: `${host} takes datagrams and answers none${pause}` };
  const { state } = access.status();
  if (state === "off") return { is: "note", says: `${host} was not asked: telemetry is off` };

  const url = new URL(sink.type === "http" ? sink.url : (sink as { host: string }).host);
  const { proxyHost } = await import("../../sink/proxy.ts");
  const proxy = proxyHost(url);
  const by = proxy === undefined ? "" : ` through the proxy ${proxy}`;
  const answer = await probe(attemptTimeoutMs);
  if ("failure" in answer) {
    const fix = fixes.find(([pattern]) => pattern.test(answer.failure))?.[1] ?? proxyFix;
    return { is: "bad", says: `${host} can't be reached${by} (${answer.failure})${pause}`, fix };
  }
  if (answer.status === 407) {
    const fix = "Give HTTPS_PROXY a user name and a password: http://name:password@host:port.";
    return { is: "bad", says: `the proxy ${proxy} wants to know who you are (407)`, fix };
  }
  return { is: "good", says: `${host} answers${by}${pause}` };
}

const proxyFix = "If this network has a proxy, set HTTPS_PROXY. Batches wait for 30 days.";

const fixes: readonly (readonly [RegExp, string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, `Its name can't be looked up: you may be offline. ${proxyFix}`],
  [
    /CERT|SELF_SIGNED|UNABLE_TO/,
    "Its certificate is not trusted: name yours with NODE_EXTRA_CA_CERTS, or set NODE_OPTIONS=--use-system-ca.",
  ],
  [/proxy/, "Set HTTPS_PROXY to an http or https URL; others, such as SOCKS, can't be used."],
];
