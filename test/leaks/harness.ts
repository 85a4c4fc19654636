import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import path from "node:path";
import { execa } from "execa";
import { isolatedHome, type ReceivedEvent, startReceiver } from "sendoff/testing";
import { createAuthority } from "../e2e/certificates.ts";
import { fixture, processesIn, senderGone } from "../e2e/harness.ts";
import { startLine, startProxy } from "../e2e/line.ts";
import { canary } from "./canaries.ts";
import { type Files, makeProject, type Project } from "./project.ts";

/** Where a canary would have left its place. */
type Evidence = Record<
  | "wire bytes"
  | "spool, before the sender"
  | "spool, during a request"
  | "spool, afterwards"
  | "preferences"
  | "debug"
  | "process list",
  string
>;

export interface Build {
  project: Project;
  /** False where the process ended with an exit code that isn't 0, or by a signal. */
  isSuccess: boolean;
  events: readonly ReceivedEvent[];
  evidence: Evidence;
  /** What the user sees of the build. */
  output: string;
}

interface BuildOptions {
  /** Runs it in the product of the fixtures; without one, the arguments are all there is. */
  bundler?: string;
  files?: Files;
  args?: readonly string[];
  env?: Record<string, string>;
  /** Sends by https, through a proxy that wants a password. */
  isProxied?: boolean;
}

type Hooks = { onTestFinished(end: () => Promise<void>): void };

const isRoot = process.getuid?.() === 0;

/** Undefined where a process can have a host name of its own; else what is missing. */
export const missingForHosts =
  process.platform === "linux" && isRoot && spawnSync("unshare", ["--uts", "true"]).status === 0
    ? undefined
    : "Linux, root and unshare";

const underHost = missingForHosts
  ? []
  : [
      "unshare",
      "--uts",
      "sh",
      "-c",
      'echo "$0" >/proc/sys/kernel/hostname; exec "$@"',
      canary.host,
    ];

/** One build in a project of its own, until its sender is gone. */
export async function build(options: BuildOptions, hooks: Hooks): Promise<Build> {
  const { bundler, files = {}, args = [], env = {}, isProxied = false } = options;
  const receiver = await startReceiver();
  const wire = await recordWire(receiver.url);
  const home = isolatedHome();
  hooks.onTestFinished(async () => {
    await receiver.stop();
    await wire.stop();
    await senderGone(home.path);
    home.remove();
  });
  const project = makeProject(home.path, files);
  const proxy = isProxied ? await startTlsProxy(wire.url, home.path, hooks) : undefined;
  const copy = path.join(home.path, "copy");
  const during: string[] = [];
  const processes: string[] = [];
  receiver.behave(() => {
    during.push(contentOf(project.state));
    processes.push(...sendersIn(home.path));
    return "accept";
  });

  const names = {
    loader: path.join(project.folder, "build", `${canary.loader}.cjs`),
    plugin: canary.plugin,
    outdir: path.join(project.folder, canary.output),
    word: canary.word,
  };
  const product = [fixture("canary-product.mjs"), "build", bundler ?? "", JSON.stringify(names)];
  const users = [`--${canary.flag}=${canary.argument}`, canary.argument];
  const script = [...(bundler === undefined ? [] : product), ...args, ...users];
  const [file = "", ...command] = [...underHost, process.execPath, ...script];
  const run = await inTurn(() =>
    execa(file, command, {
      cwd: project.folder,
      env: {
        ...home.env,
        ...project.env,
        // What `ps` shows of the build, in place of its arguments.
        NODE_OPTIONS: `${home.env.NODE_OPTIONS ?? ""} --title=${canary.title}`,
        SENDER_COPY: copy,
        ...(proxy?.env ?? { ACME_TELEMETRY_ENDPOINT: wire.url, XMCP_TELEMETRY_ENDPOINT: wire.url }),
        ...env,
      },
      extendEnv: false,
      reject: false,
    }),
  );
  await receiver.waitForEvents(1).catch((cause) => {
    throw new Error(`nothing came of the build: ${run.stderr}`, { cause });
  });
  await senderGone(home.path);
  const isOurs = (line: string) => line.startsWith("[telemetry]");
  const lines = run.stderr.split("\n");
  const evidence: Evidence = {
    "wire bytes": [wire.text(), ...(proxy?.asked ?? [])].join("\n"),
    "spool, before the sender": contentOf(copy),
    "spool, during a request": during.join("\n"),
    "spool, afterwards": contentOf(project.state),
    preferences: contentOf(project.config),
    debug: lines.filter(isOurs).map(withoutFieldName).join("\n"),
    "process list": processes.join("\n"),
  };
  const output = [run.stdout, ...lines.filter((line) => !isOurs(line))].join("\n");
  return { project, isSuccess: run.exitCode === 0, events: receiver.events, evidence, output };
}

/** A field that the product itself has named is called by its name, which ends here. */
function withoutFieldName(line: string): string {
  return line.replace(/^(\[telemetry\] dropped [\w:]+)\.\w+: /, "$1: ");
}

/** As `ps` would show them. */
function sendersIn(home: string): string[] {
  return processesIn(home).flatMap((pid) => {
    try {
      const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, "latin1");
      if (!/(?:^|\0)SENDOFF_SENDER=/.test(read("environ"))) return [];
      return [`${read("comm")} ${read("cmdline").replaceAll("\0", " ")}`];
    } catch {
      return []; // It is gone.
    }
  });
}

/** Names, relative, and contents of all files. */
function contentOf(folder: string): string {
  if (!existsSync(folder)) return "";
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => `${name}\n${textOf(path.join(folder, name))}`)
    .join("\n");
}

/** Empty for a folder, and for a file that has gone since it was listed. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** A line to the receiver that keeps each byte a sender says. */
async function recordWire(to: string) {
  const said: Buffer[] = [];
  const server = createServer((sender) => {
    const receiver = connect(Number(new URL(to).port), "127.0.0.1");
    sender.on("data", (bytes) => said.push(bytes));
    sender.pipe(receiver).pipe(sender);
    for (const [socket, other] of [
      [sender, receiver],
      [receiver, sender],
    ] as const) {
      socket.on("error", () => {});
      socket.on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1/events`,
    text: () => Buffer.concat(said).toString("latin1"),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** What the endpoint gets is known beyond TLS; the proxy is told a name, and its own password. */
async function startTlsProxy(to: string, folder: string, hooks: Hooks) {
  const authority = createAuthority();
  const trusted = path.join(folder, "ca.pem");
  writeFileSync(trusted, authority.certificate);
  const certificate = authority.issue({ names: ["telemetry.acme.invalid"] });
  const line = await startLine({ to, certificate });
  const proxy = await startProxy(line.port);
  hooks.onTestFinished(async () => {
    await proxy.close();
    await line.close();
  });
  const password = `${canary.proxyuser}:${canary.proxypassword}`;
  return {
    env: {
      HTTPS_PROXY: `http://${password}@127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: trusted,
    },
    asked: proxy.asked,
  };
}

const atOnce = 3;
let running = 0;
const waiting: (() => void)[] = [];

/** So many builds at once; while their senders linger, others may run. */
async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
