import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { execa } from "execa";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { fixture, median, processesIn } from "../e2e/harness.ts";
import { createScene, faults } from "./endpoint-faults.ts";
import { isLong } from "./harness.ts";

/**
 * What telemetry adds to a build while an endpoint is in trouble, all of it: loading, writing,
 * starting a sender. The figures are printed; what fails a run is a wait, not a busy machine.
 * Without `FAULTS=long`, for the faults that last longest. `TIMING_PAIRS` sets how often.
 */
const pairs = Number(process.env.TIMING_PAIRS ?? 15);
/** A build that waited for any of this would take half a second more at least, most of them five. */
const limitMs = 500;
const results: string[] = [];

afterAll(() => console.log(`added to a build, median of ${pairs} pairs\n${results.join("\n")}`));

describe("a build is as fast as without telemetry when there is", () => {
  for (const fault of isLong ? faults : faults.slice(0, 6)) {
    const test = fault.missing ? it.skip : it;
    const name = fault.missing ? `${fault.name} (needs ${fault.missing})` : fault.name;
    test(name, { retry: 2, timeout: pairs * 8_000 }, async () => {
      const scene = await createScene();
      const { home } = scene;
      onTestFinished(async () => {
        for (const pid of processesIn(home.path)) kill(pid);
        await scene.end();
      });
      scene.open();
      const { env, prefix = [] } = await fault.begin(scene);
      const [command = "", ...before] = [...prefix, process.execPath, fixture("timed-product.mjs")];
      const build = async (how: "with" | "without") => {
        const startedAt = performance.now();
        await execa(command, [...before, how], { env: { ...home.env, ...env }, extendEnv: false });
        return performance.now() - startedAt;
      };
      const state = (file: string) => path.join(home.stateFolder("acme"), file);
      const buildWith = async () => {
        for (const file of ["backoff", "sender.lock"])
          rmSync(state(file), { recursive: true, force: true });
        const took = await build("with");
        expect(existsSync(state("sender.lock")), "it started a sender").toBe(true);
        await underWay(state("backoff"), () => home.spool("acme").length === 0);
        // A sender still at work would write its back-off into the next build's folder.
        for (const pid of processesIn(home.path)) kill(pid);
        return took;
      };
      await build("without");
      await build("with"); // Shows the notice.
      const differences: number[] = [];
      for (let i = 0; i < pairs; i++) {
        // In turn first and second, so that neither profits from what the other has warmed.
        const with1 = i % 2 ? await buildWith() : undefined;
        const without = await build("without");
        differences.push((with1 ?? (await buildWith())) - without);
      }
      const added = median(differences);
      results.push(`${added.toFixed(1).padStart(6)} ms  ${fault.name}`);
      expect(added).toBeLessThan(limitMs);
    });
  }
});

/** Until the sender has started and come to its request, so that the next build has the machine. */
async function underWay(backoff: string, isDone: () => boolean): Promise<void> {
  const until = performance.now() + 1000;
  while (!existsSync(backoff) && !isDone() && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It went by itself.
  }
}
