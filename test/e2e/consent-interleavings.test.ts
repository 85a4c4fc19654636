import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { execa } from "execa";
import { type IsolatedHome, isolatedHome } from "sendoff/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { fixture, senderGone, setUp } from "./harness.ts";

/**
 * First builds and commands at the same moment. What the build reads, the command may change before
 * the build writes, and the other way round; whichever comes first, the person's choice holds.
 */

interface Run {
  run: number;
  cast: ("build" | "disable" | "enable")[];
  /** Who made which call, the index in `cast` of each. */
  order: string;
  said: { role: string; ids: (string | null)[]; error?: string }[];
  /** What is left, by path. */
  files: Record<string, string>;
}

/** The real functions on a real disk, call by call; see the fixture. */
async function interleave(runs: number): Promise<Run[]> {
  const root = mkdtempSync(path.join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "sendoff-"));
  const home = isolatedHome();
  onTestFinished(() => {
    rmSync(root, { recursive: true });
    home.remove();
  });
  const stage = path.join(root, "interleaving.cjs");
  await build({
    entryPoints: [fixture("interleaving.mts")],
    outfile: stage,
    bundle: true,
    platform: "node",
    format: "cjs",
  });
  const { stdout } = await execa(process.execPath, [stage, root, String(runs)], {
    env: home.env,
    extendEnv: false,
  });
  return stdout.split("\n").map((line) => JSON.parse(line));
}

const preferencesOf = ({ files }: Run) =>
  JSON.parse(files[path.join("config", "acme", "telemetry.json")] ?? "{}");
const waitingOf = ({ files }: Run) =>
  Object.keys(files).filter((file) => /spool|rollups|local/.test(file));
const idsOf = ({ said }: Run) => new Set(said.flatMap(({ ids }) => ids));

describe("of 1,000 ways in which first builds and commands interleave", () => {
  it("none loses an opt-out, leaves anything behind it, or makes a second id", async () => {
    const runs = await interleave(1000);
    expect(runs).toHaveLength(1000);
    // They do interleave: hardly two are alike, and many a command comes between a build's calls.
    expect(new Set(runs.map(({ order }) => order)).size).toBeGreaterThan(900);
    expect(runs.filter(isInBetween).length).toBeGreaterThan(300);

    for (const run of runs) {
      const because = `run ${run.run}`;
      const preferences = preferencesOf(run);
      const builds = run.cast.filter((role) => role === "build").length;
      expect(run.said.map(({ error }) => error).filter(Boolean), because).toEqual([]);
      expect(idsOf(run).size, because).toBeLessThanOrEqual(1);
      expect(idsOf(run), because).not.toContain(null);
      const drafts = Object.keys(run.files).filter((file) => /\.tmp$|\.lock$/.test(file));
      expect(drafts, because).toEqual([]);
      if (run.cast.includes("disable")) {
        expect(preferences, because).toHaveProperty(["telemetry.enabled"], false);
        expect(preferences, because).not.toHaveProperty(["telemetry.anonymousId"]);
        expect(preferences, because).not.toHaveProperty(["telemetry.salt"]);
        expect(waitingOf(run), because).toEqual([]);
      } else {
        expect([...idsOf(run)], because).toEqual([preferences["telemetry.anonymousId"]]);
        const batches = waitingOf(run).filter((file) => file.endsWith("_events.json"));
        expect(batches, because).toHaveLength(2 * builds);
      }
    }
  });
});

/** The last call of a command comes after a build's first and before its last. */
function isInBetween({ cast, order }: Run): boolean {
  const command = cast.findIndex((role) => role !== "build");
  if (command === -1) return false;
  const last = order.lastIndexOf(String(command));
  return cast.some((_, i) => {
    if (i === command) return false;
    return order.indexOf(String(i)) < last && last < order.lastIndexOf(String(i));
  });
}

describe("a person who says no while builds run", () => {
  it("is heard, in 30 races of real processes", async () => {
    const { home, product } = await setUp();
    const random = randomFrom(20_261_120);
    const late = () => new Promise((resolve) => setTimeout(resolve, random() * 30));
    const races = Array.from({ length: 30 }, async (_, race) => {
      const at = (folder: string) => path.join(home.path, String(race), folder);
      const own = { XDG_CONFIG_HOME: at("config"), XDG_STATE_HOME: at("state") };
      const runners = ["completed", "disabled-meanwhile", "completed"];
      await Promise.all(runners.map((scenario) => late().then(() => product(scenario, own))));
    });
    await Promise.all(races);
    await senderGone(home.path);
    for (const race of races.keys()) {
      const file = path.join(home.path, String(race), "config", "acme", "telemetry.json");
      const preferences = JSON.parse(readFileSync(file, "utf8"));
      expect(preferences, `race ${race}`).toHaveProperty(["telemetry.enabled"], false);
      expect(preferences, `race ${race}`).not.toHaveProperty(["telemetry.anonymousId"]);
      expect(leftIn(home).filter((name) => name.startsWith(`${race}/`))).toEqual([]);
    }
  });

  it("is heard among 50 first builds at once", async () => {
    const { home, product } = await setUp();
    const builds = Array.from({ length: 50 }, (_, i) =>
      product(i === 25 ? "disabled-meanwhile" : "completed"),
    );
    await Promise.all(builds);
    await senderGone(home.path);
    const preferences = JSON.parse(readFileSync(home.preferencesFile("acme"), "utf8"));
    expect(preferences["telemetry.enabled"]).toBe(false);
    expect(preferences).not.toHaveProperty(["telemetry.anonymousId"]);
    expect(leftIn(home)).toEqual([]);
  });
});

/** Of what was recorded, kept or under way; a build that came later may have sent before the no. */
function leftIn(home: IsolatedHome): string[] {
  return home.files().filter((file) => /spool|rollups|sent|local|lock|\.tmp$/.test(file));
}

/** Numbers from 0 to 1 that follow from a seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
