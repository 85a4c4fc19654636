import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { type IsolatedHome, isolatedHome, startReceiver } from "sendoff/testing";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { fixture } from "./harness.ts";
import { missingForTraces, type Trace, trace } from "./trace.ts";

/**
 * Off is off, by the operating system's own account: a build that is off changes no file, starts no
 * process, opens no socket and looks up no name that the same build without sendoff does not.
 */

/** Nobody else's: a policy for it lies in /etc for the length of a test. */
const name = `sendoff-test-${process.pid}`;
const variable = `${name.toUpperCase().replaceAll("-", "_")}_TELEMETRY_DISABLED`;
const policy = `/etc/${name}/telemetry.json`;
const isRoot = process.getuid?.() === 0;

interface Off {
  row: number;
  by: string;
  options?: Record<string, unknown>;
  env?: Record<string, string>;
  /** Prepares the machine. */
  given?(home: IsolatedHome): void;
  /** A command to run it all under. */
  under?: readonly string[];
  missing?: string | undefined;
}

const offs: Off[] = [
  { row: 1, by: "DO_NOT_TRACK", env: { DO_NOT_TRACK: "1" } },
  { row: 2, by: "the product's variable", env: { [variable]: "1" } },
  { row: 3, by: "the product's option", options: { enabled: false } },
  {
    row: 4,
    by: "a policy of the machine",
    given: () => {
      onTestFinished(() => rmSync(path.dirname(policy), { recursive: true }));
      write(policy, { telemetry: false });
    },
    missing: isRoot ? undefined : "root",
  },
  {
    row: 5,
    by: "the project's package.json",
    given: (home) => write(path.join(home.path, "package.json"), { [name]: { telemetry: false } }),
  },
  { row: 6, by: "CI, which the product skips", options: { ci: "skip" }, env: { CI: "true" } },
  {
    row: 7,
    by: "a collector that takes no more",
    given: (home) => {
      const stopped = { "1.1.3": Date.now() + 60_000 };
      write(path.join(home.stateFolder(name), "stopped.json"), stopped);
    },
  },
  {
    row: 8,
    by: "preferences that are half a file",
    given: (home) => write(home.preferencesFile(name), '{ "telemetry.enabled": tr'),
  },
  {
    row: 8,
    by: "preferences that can't be read",
    given: (home) => void mkdirSync(home.preferencesFile(name), { recursive: true }),
  },
  {
    row: 8,
    by: "a home that can't be",
    env: { XDG_CONFIG_HOME: "/dev/null/config", XDG_STATE_HOME: "/dev/null/state" },
  },
  ...readOnlyHomes(),
  { row: 9, by: "a choice", given: (home) => void home.writePreferences(name, { enabled: false }) },
  {
    row: 9,
    by: "a choice made with another version of the product",
    options: { alsoRead: [{ file: "/proc/self/cwd/other.json", format: "nested" }] },
    given: (home) => write(path.join(home.path, "other.json"), { telemetry: { enabled: false } }),
  },
  { row: 10, by: "opt-in, where nobody has agreed", options: { consent: "opt-in" } },
];

function readOnlyHomes(): Off[] {
  // Root may write everywhere, until that right is taken away.
  const under = isRoot ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
  const isThere = !isRoot || spawnSync("setpriv", ["--version"]).status === 0;
  const missing = isThere ? undefined : "setpriv";
  const close = (home: IsolatedHome, ...folders: string[]) => {
    for (const folder of folders) mkdirSync(path.join(home.path, folder), { mode: 0o555 });
  };
  const homes: Omit<Off, "row">[] = [
    { by: "a home that can't be written", given: (home) => close(home, "config", "state") },
    { by: "a home where no preferences can be made", given: (home) => close(home, "config") },
    {
      by: "a home where no batch can wait",
      given: (home) => {
        home.writePreferences(name);
        close(home, "state");
      },
    },
  ];
  return homes.map((home) => ({ ...home, row: 8, under, missing }));
}

type Build = "esbuild" | "webpack" | "none";

describe.skipIf(missingForTraces)(`a build${needs(missingForTraces)}`, () => {
  let outputs: IsolatedHome;
  const plain = new Map<Build, Trace>();
  let count = 0;

  const traced = (
    command: readonly string[],
    home: IsolatedHome,
    under: readonly string[] = [],
  ) => {
    count += 1;
    const out = path.join(outputs.path, `out-${count}`);
    const env = { ...home.env, ACME_EXAMPLE_OUT: out };
    return trace({ command: [process.execPath, ...command], cwd: home.path, env, out, under });
  };
  const product = (build: Build | "status", options: object) => [
    fixture("off-build.mjs"),
    ...[build, JSON.stringify({ name, ...options })],
  ];

  beforeAll(async () => {
    outputs = isolatedHome();
    for (const build of ["esbuild", "webpack", "none"] as const) {
      const script = fixture(`../../examples/${build}/build-plain.mjs`);
      const command = build === "none" ? ["-e", 'console.log("building")'] : [script];
      plain.set(build, await traced(command, outputs));
    }
  });
  afterAll(() => outputs.remove());

  /** The same as the build without sendoff, and nothing else. */
  const leavesNothing = async (
    build: Build,
    home: IsolatedHome,
    { options = {}, under }: Pick<Off, "options" | "under">,
  ) => {
    const before = snapshot(home);
    const { effects, ...run } = await traced(product(build, options), home, under);
    const { effects: own, ...expected } = plain.get(build) as Trace;
    expect(run).toEqual(expected);
    expect(effects.filter((effect) => !own.includes(effect))).toEqual([]);
    expect(snapshot(home)).toEqual(before);
  };

  for (const [i, off] of offs.entries()) {
    const { row, by, options = {}, env, given, missing, under = [] } = off;
    const test = missing ? it.skip : it;
    test(`that is off by row ${row}, ${by}, leaves nothing${needs(missing)}`, async () => {
      const home = ownHome(env);
      given?.(home);
      const [file = "", ...args] = [...under, process.execPath, ...product("status", options)];
      const status = await execa(file, args, { cwd: home.path, env: home.env, extendEnv: false });
      expect(JSON.parse(status.stdout)).toMatchObject({ state: "off", row });
      await leavesNothing("none", home, off);
      await leavesNothing(i % 2 ? "webpack" : "esbuild", home, off);
    });
  }

  it.each(["none", "esbuild", "webpack"] as const)(
    "(%s) whose product never says whether it is on leaves nothing",
    async (build) => {
      await leavesNothing(build, ownHome(), { options: { neverResolves: true } });
    },
  );

  it("that is on leaves all that these tests look for", async () => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.stop());
    const home = ownHome();
    const options = { endpoint: receiver.url, firstRun: "send" };
    const { effects } = await traced(product("esbuild", options), home);
    const added = effects.filter((effect) => !plain.get("esbuild")?.effects.includes(effect));
    expect(receiver.events).toHaveLength(1);
    for (const effect of [
      /^mkdir ".*\/state/,
      /^write ".*_open\.json"/,
      /^rename ".*_open\.json" ".*_events\.json"/,
      /^start a child #/,
      /^execve ".*" ".*" ".*sendoff-sender/,
      /^socket AF_INET/,
      /^connect .*sin_port/,
    ]) {
      expect(added).toContainEqual(expect.stringMatching(effect));
    }
  });
});

function ownHome(env: Record<string, string> = {}): IsolatedHome {
  const home = isolatedHome({ env });
  onTestFinished(() => home.remove());
  return home;
}

function write(file: string, content: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}

/** Every file with its content and the moment it was changed. */
function snapshot(home: IsolatedHome): string[] {
  return home.files().map((file) => {
    const full = path.join(home.path, file);
    return `${file} ${statSync(full).mtimeMs} ${readFileSync(full, "utf8")}`;
  });
}

function needs(missing: string | undefined): string {
  return missing === undefined ? "" : ` (needs ${missing})`;
}
