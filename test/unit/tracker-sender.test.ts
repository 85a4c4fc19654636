import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SenderTask } from "../../src/spool/index.ts";
import { createDebug } from "../../src/support/debug.ts";
import { placesFor } from "../../src/support/paths.ts";
import { findSender, senderCommand } from "../../src/tracker/find-sender.ts";
import { startSender } from "../../src/tracker/start-sender.ts";
import { ownFolder } from "./own-folder.ts";

const folder = ownFolder();
const { argv, execPath } = process;
afterEach(() => {
  process.argv = argv;
  process.execPath = execPath;
  vi.unstubAllEnvs();
  delete (globalThis as Record<symbol, unknown>)[Symbol.for("sendoff.app@1")];
});

const startedAs = (file: string) => {
  process.argv = [execPath, file];
};

describe("the sender is found", () => {
  let given: string;
  let beside: string;
  let started: string;
  beforeEach(() => {
    given = folder.write("own/my-sender.js", "");
    beside = folder.write("bin/sendoff-sender.mjs", "");
    started = folder.write("bin/acme.js", "");
  });

  test("where the product says, by path or by URL", () => {
    startedAs(started);
    expect(findSender(given)).toBe(given);
    expect(findSender(pathToFileURL(given))).toBe(given);
    expect(findSender(pathToFileURL(given).href)).toBe(given);
  });

  test("beside the file that was started, when that is not there", () => {
    startedAs(started);
    expect(findSender(undefined)).toBe(beside);
    expect(findSender(folder.at("own", "missing.js"))).toBe(beside);
    expect(findSender("file://%")).toBe(beside);
    expect(findSender(new URL("https://acme.dev/sender.js"))).toBe(beside);
  });

  test("through the link by which a package manager makes it a command", () => {
    mkdirSync(folder.at("node_modules", ".bin"), { recursive: true });
    const link = folder.at("node_modules", ".bin", "acme");
    symlinkSync(started, link);
    startedAs(link);
    expect(findSender(undefined)).toBe(beside);
  });

  test("in any format", () => {
    for (const name of ["sendoff-sender.mjs", "sendoff-sender.cjs", "sendoff-sender.js"]) {
      const file = folder.write(`${name}-bin/${name}`, "");
      startedAs(folder.write(`${name}-bin/acme.js`, ""));
      expect(findSender(undefined)).toBe(file);
    }
  });

  test("nowhere else: not by a relative path, nor under anybody's name", () => {
    startedAs(folder.write("other/acme.js", ""));
    folder.write("other/sender.js", "");
    expect(findSender(undefined)).toBeUndefined();
    expect(findSender(path.relative(process.cwd(), given))).toBeUndefined();
    process.argv = [execPath];
    expect(findSender(undefined)).toBeUndefined();
    startedAs(folder.at("gone", "acme.js"));
    expect(findSender(undefined)).toBeUndefined();
  });

  test("beside the bundle that holds this code, before the file that was started", () => {
    const bundle = folder.write("lib/bundle.mjs", "");
    buildSync({
      entryPoints: [realpathSync("src/tracker/find-sender.ts")],
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "esm",
      allowOverwrite: true,
    });
    const inLib = folder.write("lib/sendoff-sender.cjs", "");
    const script = `import { findSender } from ${JSON.stringify(pathToFileURL(bundle).href)};
      Error.stackTraceLimit = 0;
      process.stdout.write(String(findSender(undefined)) + "," + Error.stackTraceLimit);`;
    const main = folder.write("bin/main.mjs", script);
    expect(execFileSync(execPath, [main]).toString()).toBe(`${inLib},0`);
  });
});

describe("an executable that is no runtime", () => {
  beforeEach(() => {
    startedAs(folder.write("bin/acme.js", ""));
    folder.write("bin/sendoff-sender.mjs", "");
  });

  test.each([
    "node",
    "nodejs",
    "node22",
    "node-20.1",
    "bun",
    "deno",
    "node.exe",
    "Node.EXE",
    "bun.exe",
  ])("%s is one", (name) => {
    process.execPath = path.join(folder.at("bin"), name);
    expect(senderCommand(undefined)).toHaveProperty("args");
  });

  test.each(["acme", "electron", "acme.exe", "nodejs-app", "mynode", "node-acme", "Code Helper"])(
    "%s is none: it would start itself again",
    (name) => {
      process.execPath = path.join(folder.at("bin"), name);
      expect(senderCommand(undefined)).toEqual({
        problem: `${name} is no runtime; call runSenderIfAsked() first thing in its main`,
      });
    },
  );

  test("may be the sender itself, where it calls runSenderIfAsked", () => {
    process.execPath = folder.at("bin", "acme");
    (globalThis as Record<symbol, unknown>)[Symbol.for("sendoff.app@1")] = true;
    expect(senderCommand(undefined)).toEqual({ args: [] });
  });
});

test("a sender that isn't found is a problem, with the fix", () => {
  process.argv = [execPath];
  expect(senderCommand(undefined)).toEqual({
    problem: expect.stringMatching(/was not found; bundle it beside the product and pass its path/),
  });
});

describe("a sender is started", () => {
  const home = () => ({ env: {}, platform: process.platform, home: folder.at("home") });
  const task = (): SenderTask => ({
    subject: {
      name: "acme",
      version: "1.2.3",
      places: placesFor("acme", home()),
      offVariables: [],
      alsoRead: [],
    },
    projectFiles: [],
    consent: "opt-out",
    debug: "off",
    runStartedAt: 5,
  });

  /** What a process that was started tells of itself. */
  async function started(): Promise<Record<string, unknown>> {
    const server = createServer();
    const told = new Promise<Buffer[]>((resolve) => {
      server.on("connection", async (socket) => resolve(await socket.toArray()));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    vi.stubEnv("TELL_PORT", String(typeof address === "object" && address?.port));
    const sender = folder.write(
      "sender.cjs",
      `require("node:net").connect(Number(process.env.TELL_PORT), "127.0.0.1").end(JSON.stringify({
        cwd: process.cwd(), argv: process.argv.slice(1), execArgv: process.execArgv, env: process.env,
        stdout: require("node:fs").fstatSync(1).isCharacterDevice(),
      }));`,
    );
    const { places } = task().subject;
    mkdirSync(places.state, { recursive: true });
    expect(startSender([sender], task(), createDebug("off"))).toBe(true);
    const text = Buffer.concat(await told).toString();
    server.close();
    return JSON.parse(text);
  }

  test("in a folder of its own, heard by nobody, with its task in the environment alone", async () => {
    const told = await started();
    expect(told.cwd).toBe(realpathSync(task().subject.places.state));
    expect(told.argv).toEqual([folder.at("sender.cjs")]);
    expect(told.stdout).toBe(true);
    const env = told.env as Record<string, string>;
    expect(JSON.parse(env.SENDOFF_SENDER ?? "")).toEqual(JSON.parse(JSON.stringify(task())));
  });

  test("without what would debug, measure or change it, but with whom to trust", async () => {
    vi.stubEnv("NODE_OPTIONS", "--use-openssl-ca --max-old-space-size=99 --no-warnings");
    vi.stubEnv("NODE_V8_COVERAGE", folder.at("coverage"));
    vi.stubEnv("NODE_DEBUG", "http");
    vi.stubEnv("NODE_EXTRA_CA_CERTS", folder.at("ca.pem"));
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
    vi.stubEnv("DO_NOT_TRACK", "0");
    writeFileSync(folder.at("ca.pem"), "");
    const { env, execArgv } = (await started()) as {
      env: Record<string, string>;
      execArgv: string[];
    };
    expect(execArgv).toEqual([]);
    expect(env.NODE_OPTIONS).toBe("--use-openssl-ca");
    expect(env).not.toHaveProperty("NODE_V8_COVERAGE");
    expect(env).not.toHaveProperty("NODE_DEBUG");
    expect(env).toMatchObject({
      NODE_EXTRA_CA_CERTS: folder.at("ca.pem"),
      HTTPS_PROXY: "http://127.0.0.1:1",
      DO_NOT_TRACK: "0",
    });
  });

  test.each([
    ["an executable that isn't there", () => (process.execPath = folder.at("missing"))],
    ["a folder that isn't there", () => {}],
  ])("not by %s, which throws nothing", (_what, arrange) => {
    arrange();
    const lines: string[] = [];
    for (const mode of ["off", "on"] as const) {
      const debug = { mode, say: (line: unknown) => lines.push(String(line)) };
      expect(startSender([folder.at("sender.cjs")], task(), debug)).toBe(false);
    }
    expect(lines).toEqual(["the sender did not start: ENOENT"]);
  });
});
