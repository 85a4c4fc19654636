import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, describe, expect, it } from "vitest";
import { fixture, senderGone, setUp } from "./harness.ts";
import { missingForTraces } from "./trace.ts";

/**
 * What sendoff may weigh, in figures that are the same on every machine: bytes, modules, system
 * calls, instructions. How long it takes is for the benchmark to say (`npm run bench`).
 */
const budgets = {
  // Today's and a few percent; a goal stands beside what is to become less.
  tarballBytes: 119_500, // goal: 60,000
  /** With every file that it imports as it is loaded; those not named here are a build's. */
  entryBytes: { "./cli": 153_600, "./testing": 83_200, "./sender": 35_500 } as Record<
    string,
    number
  >,
  buildEntryBytes: 77_100,
  /** Of Node's own, beyond what every program has. */
  modulesImported: 0,
  modulesFlushed: 30,
  /** The sender's, beyond those of a `POST` by hand: `node:os` and `node:process`. */
  modulesOfSender: 4,
  /** That name a file, from the import to the end, beyond those of the same process without. */
  fileCallsOfFlush: 48,
  /** Of one `record`, interpreted: what a compiler makes of it is another matter each time. */
  instructionsOfRecord: { least: 40_000, most: 90_000 },
  /** Of the import, beyond those of a process that imports nothing: the module loader's are in it. */
  instructionsOfImport: { least: 15_000_000, most: 27_000_000 },
};

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = path.join(root, "dist");
const room = mkdtempSync(path.join(realpathSync(tmpdir()), "sendoff-budgets-"));
afterAll(() => rmSync(room, { recursive: true }));

describe("bytes", () => {
  it("of the packed tarball stay within their budget", async () => {
    const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", room];
    const { stdout } = await execa("npm", pack, { cwd: root });
    const [{ size }] = JSON.parse(stdout) as [{ size: number }];
    expect(size).toBeLessThanOrEqual(budgets.tarballBytes);
  });

  const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    exports: Record<string, Target>;
  };
  const entries = Object.entries(exports).filter(([name]) => name !== "./package.json");

  it.each(entries)("of the entry %s stay within their budget", (name, target) => {
    const files = new Set([path.join(root, nativeFile(target))]);
    // Grows as it goes, by what the files in it import.
    for (const file of files) for (const other of importsOf(file)) files.add(other);
    const bytes = [...files].reduce((sum, file) => sum + readFileSync(file).length, 0);
    expect(bytes).toBeLessThanOrEqual(budgets.entryBytes[name] ?? budgets.buildEntryBytes);
  });
});

type Target = string | { [condition: string]: Target };

/** What Node imports. */
function nativeFile(target: Target): string {
  if (typeof target === "string") return target;
  return nativeFile((target["module-sync"] ?? target.import) as Target);
}

function importsOf(file: string): string[] {
  const imports = readFileSync(file, "utf8").matchAll(/\b(?:import|from) ?"\.\/([^"]+)"/g);
  return Array.from(imports, ([, name]) => path.join(dist, name as string));
}

describe("a build's process", () => {
  it("loads hardly a module of Node's before it flushes, and none of the network ever", async () => {
    const { env } = await settled();
    const [plain, imported, recorded, flushed] = await Promise.all(
      ["plain", "import", "record", "flush"].map((mode) => loadedBy(mode, env)),
    );
    const beyond = (names: string[] = []) => names.filter((name) => !plain?.includes(name));
    expect(beyond(imported).length).toBeLessThanOrEqual(budgets.modulesImported);
    expect(beyond(recorded)).toEqual(beyond(imported));
    expect(beyond(flushed).length).toBeLessThanOrEqual(budgets.modulesFlushed);
    expect(flushed).toContain("child_process");
    for (const name of ["crypto", "dns", "http", "https", "tls", "internal/deps/undici/undici"]) {
      expect(beyond(flushed)).not.toContain(name);
    }
  });

  const needsStrace = missingForTraces ? ` (needs ${missingForTraces})` : "";
  it.skipIf(missingForTraces)(
    `opens no file to record, few to flush, and starts one process${needsStrace}`,
    async () => {
      const { env } = await settled();
      const [plain, one, many, flush] = await Promise.all([
        callsOf(["plain"], env),
        callsOf(["record", "1"], env),
        callsOf(["record", "10000"], env),
        callsOf(["flush"], env),
      ]);
      expect(many.files).toEqual(one.files);
      expect(flush.files.length - plain.files.length).toBeLessThanOrEqual(budgets.fileCallsOfFlush);
      expect([plain, many, flush].map(({ children }) => children)).toEqual([0, 0, 1]);
      expect([plain, many, flush].map(({ sockets }) => sockets)).toEqual([0, 0, 0]);
    },
  );

  const needsValgrind = canCount() ? "" : " (needs valgrind)";
  it.skipIf(needsValgrind !== "")(
    `records by a known number of instructions${needsValgrind}`,
    { timeout: 180_000 },
    async () => {
      const { env } = await setUp();
      const records = 1_000;
      const none = await instructionsOf(["record", "0"], env);
      const each = ((await instructionsOf(["record", String(records)], env)) - none) / records;
      const { least, most } = budgets.instructionsOfRecord;
      expect(each).toBeGreaterThan(least);
      expect(each).toBeLessThan(most);
    },
  );

  it.skipIf(needsValgrind !== "")(
    `is loaded by a known number of instructions${needsValgrind}`,
    { timeout: 180_000 },
    async () => {
      const { env } = await setUp();
      const plain = await instructionsOf(["plain"], env);
      const added = (await instructionsOf(["import"], env)) - plain;
      const { least, most } = budgets.instructionsOfImport;
      expect(added).toBeGreaterThan(least);
      expect(added).toBeLessThan(most);
    },
  );
});

describe("a sender", () => {
  it("loads hardly a module of Node's more than a POST does", async () => {
    const { env, home, receiver } = await settled();
    const log = path.join(room, "sender-loaded");
    const sender = fixture("loading-sender.cjs");
    await run(["flush"], { ...env, BUDGET_SENDER: sender, SENDER_LOADED: log });
    await receiver.waitForEvents(3);
    await senderGone(home.path);
    const posting = `
      const say = () => console.log(JSON.stringify(process.moduleLoadList));
      require("node:http").request("${receiver.url}", { method: "HEAD" }, say).end();`;
    // Without what a build is given first, which loads modules of its own.
    const { NODE_OPTIONS: _, ...plain }: NodeJS.ProcessEnv = env;
    const { stdout } = await execa(process.execPath, ["--eval", posting], {
      env: plain,
      extendEnv: false,
    });
    const [ofSender, ofPost] = [readFileSync(log, "utf8"), stdout].map(
      (list) => JSON.parse(list) as string[],
    );
    const beyond = ofSender?.filter(
      (name) => name.startsWith("NativeModule ") && !ofPost?.includes(name),
    );
    expect(beyond).toContain("NativeModule os");
    expect(beyond?.length).toBeLessThanOrEqual(budgets.modulesOfSender);
  });
});

/** A machine on which the notice was shown and nothing waits. */
async function settled() {
  const { env, home, receiver } = await setUp();
  await run(["flush"], env);
  await run(["flush"], env);
  await receiver.waitForEvents(2);
  await senderGone(home.path);
  return { env, home, receiver };
}

function run(args: readonly string[], env: Record<string, string>, under: readonly string[] = []) {
  const [file = "", ...others] = [...under, process.execPath, fixture("budget.mjs"), ...args];
  return execa(file, others, { env, extendEnv: false });
}

async function loadedBy(mode: string, env: Record<string, string>): Promise<string[]> {
  return JSON.parse((await run([mode], env)).stdout) as string[];
}

/** Of its main thread; what a child of it does is its own. */
async function callsOf(args: readonly string[], env: Record<string, string>) {
  const log = path.join(room, `${args.join("-")}.strace`);
  await run(args, env, ["strace", "-qq", "-e", "trace=%file,%process,%network", "-o", log]);
  const calls = readFileSync(log, "utf8").split("\n");
  const count = (call: RegExp) => calls.filter((line) => call.test(line)).length;
  return {
    // Where Node looks at the machine, it does so as often as it likes.
    files: calls.flatMap((line) => /^\w+\([^"]*"\/(?!proc|sys|dev)[^"]*/.exec(line)?.[0] ?? []),
    children: count(/^(clone3?|v?fork)\((?!.*CLONE_THREAD)/),
    sockets: count(/^socket/),
  };
}

function canCount(): boolean {
  return spawnSync("valgrind", ["--version"], { stdio: "ignore" }).status === 0;
}

async function instructionsOf(
  args: readonly string[],
  env: Record<string, string>,
): Promise<number> {
  const valgrind = ["--tool=callgrind", `--callgrind-out-file=${path.join(room, "callgrind")}`];
  // The same each time: interpreted, in one thread, by the same random numbers.
  const steady = ["--jitless", "--single-threaded", "--hash-seed=1", "--random-seed=1"];
  const script = [fixture("budget.mjs"), ...args];
  const command = [...valgrind, process.execPath, ...steady, ...script];
  const { stderr } = await execa("valgrind", command, { env, extendEnv: false });
  return Number(/Collected : (\d+)/.exec(stderr)?.[1]);
}
