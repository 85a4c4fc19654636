import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { isolatedHome, startReceiver } from "sendoff/testing";
import { beforeAll, describe, it } from "vitest";
import { fixture, flushCommand, senderGone } from "../e2e/harness.ts";
import { timePasses } from "../e2e/time-passes.ts";
import { type Disk, faults, mount, mountOver, needsMount, unmountBelow } from "./disk-faults.ts";
import { createLedger, isLong, tally } from "./harness.ts";

/**
 * Whatever the disk is like: a build has the exit code, stdout and output files that it has without
 * telemetry, and what could be recorded is received or waits.
 */
const ledger = createLedger("disk faults", { isSorted: true });

type Hooks = { onTestFinished(end: () => Promise<void>): void };

async function enter({ onTestFinished }: Hooks, uid?: number) {
  const [home, receiver] = [isolatedHome(), await startReceiver()];
  onTestFinished(async () => {
    await receiver.stop();
    await senderGone(home.path);
    unmountBelow(home.path);
    home.remove();
  });
  const env = { ...home.env, ACME_TELEMETRY_ENDPOINT: receiver.url };
  const run: Run = (script, args, extra = {}) =>
    execa(process.execPath, [script, ...args], {
      env: { ...env, ...extra },
      extendEnv: false,
      reject: false,
      timeout: 20_000,
      killSignal: "SIGKILL",
      ...(uid !== undefined && { uid, gid: uid }),
    });
  const state = home.stateFolder("acme");
  const disk: Disk = {
    root: home.path,
    preferences: home.preferencesFile("acme"),
    state,
    spool: path.join(state, "spool"),
    elsewhere: path.join(home.path, "elsewhere"),
  };
  mkdirSync(disk.elsewhere);
  const folder = path.dirname(home.path);
  mkdirSync(path.join(folder, "out"));
  if (uid !== undefined) execFileSync("chown", ["-R", `${uid}:${uid}`, folder]);
  return {
    disk,
    env,
    home,
    receiver,
    run,
    /** The little one. */
    build: (scenario = "completed", extra?: Record<string, string>) =>
      run(fixture("product.mjs"), [scenario], extra),
    /** A real one, with files. */
    example: (name: ExampleName, variant: Variant) =>
      runExample(path.join(folder, "out", variant), name, variant, run),
    account(name: string, recorded: number) {
      ledger.add({ case: name, recorded, ...tally(receiver.requests, home.spool("acme")) });
    },
  };
}

type ExampleName = "build.mjs" | "build-plain.mjs";
type Variant = "good" | "broken";
type Run = (
  script: string,
  args: string[],
  extra?: Record<string, string>,
) => Promise<{ exitCode?: number; signal?: string; stdout: string; stderr: string }>;

/** What a developer sees of a build of examples/esbuild, and what a bundler's user relies on. */
async function runExample(out: string, name: ExampleName, variant: Variant, run: Run) {
  const script = fileURLToPath(new URL(`../../examples/esbuild/${name}`, import.meta.url));
  const { exitCode, signal, stdout } = await run(script, [], {
    ACME_EXAMPLE_OUT: out,
    ...(variant === "broken" && { ACME_EXAMPLE_BREAK: "1" }),
  });
  return { exitCode, signal, stdout, files: contentOf(out) };
}

function contentOf(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder);
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(path.join(folder, name), "utf8")]),
  );
}

describe.concurrent("a build is as without telemetry, with", () => {
  const plain: Partial<Record<Variant, Awaited<ReturnType<typeof runExample>>>> = {};
  beforeAll(async () => {
    const ends: (() => Promise<void>)[] = [];
    const { example } = await enter({ onTestFinished: (end) => ends.push(end) });
    for (const variant of ["good", "broken"] as const) {
      plain[variant] = await example("build-plain.mjs", variant);
    }
    for (const end of ends) await end();
  });

  for (const [i, fault] of faults.entries()) {
    // In the short form each has one of them.
    const variants = (["good", "broken"] as const).filter((_, kind) => isLong || kind === i % 2);
    const test = fault.missing ? it.skip : it;
    const title = fault.missing ? `${fault.name} (needs ${fault.missing})` : fault.name;
    test(title, async (context) => {
      const { expect } = context;
      const { account, build, disk, env, example, home } = await enter(context, fault.uid);
      // Shows the notice; its batch waits.
      if (!fault.isFirstRun) await build();
      fault.begin(disk);
      for (const variant of variants) {
        expect(await example("build.mjs", variant)).toEqual(plain[variant]);
      }
      await senderGone(home.path);
      // Nothing of ours where a link led.
      const foreign = readdirSync(disk.elsewhere).filter((name) => name !== "dotfile.json");
      expect(foreign).toEqual([]);
      fault.end?.(disk);

      await build();
      await senderGone(home.path);
      timePasses(disk.state);
      await flushCommand(env);
      const before = fault.isFirstRun ? 0 : 1;
      account(fault.name, before + (fault.records ? variants.length : 0) + 1);
      expect(home.spool("acme")).toEqual([]);
    });
  }
});

describe("a full disk on which nothing can be recorded", () => {
  for (const where of ["state", "preferences"] as const) {
    it(`gets no notice with each build: below the ${where}`, async (context) => {
      const { expect, skip } = context;
      skip(needsMount !== undefined, `needs ${needsMount}`);
      const { account, build, disk, home, receiver } = await enter(context);
      const fault = faults.find(({ name }) => name.startsWith(`a full disk below the ${where}`));
      fault?.begin(disk);
      for (const run of [await build(), await build()]) expect(run.stderr).toBe("");
      fault?.end?.(disk);
      expect(home.files().filter((file) => !file.endsWith("zeros"))).toEqual([]);
      expect((await build()).stderr).toContain("acme collects anonymous build telemetry");
      expect(receiver.connections).toBe(0);
      account(`a full disk below the ${where}, and the notice`, 1);
    });
  }
});

describe("a disk that fills up with what waits", () => {
  it("takes what there is room for, and gives all of it back", async (context) => {
    const { expect, skip } = context;
    skip(needsMount !== undefined, `needs ${needsMount}`);
    const { account, build, disk, env, home } = await enter(context);
    await build(); // Shows the notice.
    mountOver(disk.state, "size=64k");
    // Of these, the first starts a sender; back-off and lock have the room they need.
    const hour = { PRODUCT_OPTIONS: '{"flushEvery":3600000}' };
    await build("completed", hour);
    await senderGone(home.path);
    const runs = await Promise.all(Array.from({ length: 40 }, () => build("completed", hour)));
    for (const run of runs) expect(run).toMatchObject({ exitCode: 0, stdout: "building\nbuilt" });
    const waiting = home.spool("acme").filter(({ batch }) => batch !== undefined).length;
    expect(waiting).toBeGreaterThan(3);
    expect(waiting).toBeLessThan(40);
    // No room to seal a batch in either: then it is not sent.
    await flushCommand(env);
    account("a disk that filled up: before there is room", waiting + 2);
    mount("-o", "remount,size=1m", disk.state);
    timePasses(disk.state);
    await flushCommand(env);
    account("a disk that filled up: afterwards", waiting + 2);
    expect(home.spool("acme")).toEqual([]);
  });
});
