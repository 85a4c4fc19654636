import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { median, setUp } from "./harness.ts";

/**
 * The promise itself: an endpoint that accepts and never answers costs a build nothing but the
 * start of a process. The figure is printed; what fails a run is a build that waited, which would
 * take five seconds more, not a machine that others use too.
 */
const pairs = 15;
const limitMs = 500;

describe.each(["webpack", "esbuild"])(
  "a %s build, with an endpoint that never answers",
  (bundler) => {
    it("exits as fast as without telemetry", { timeout: 120_000, retry: 2 }, async () => {
      const { env, home, receiver } = await setUp();
      receiver.behave("hang");
      const build = async (name: string) => {
        const file = fileURLToPath(new URL(`../../examples/${bundler}/${name}`, import.meta.url));
        const startedAt = performance.now();
        await execa(process.execPath, [file], {
          env: { ...env, ACME_EXAMPLE_OUT: `${home.path}/${name}` },
          extendEnv: false,
        });
        return performance.now() - startedAt;
      };
      await build("build-plain.mjs");
      await build("build.mjs"); // Shows the notice.
      const differences: number[] = [];
      for (let i = 0; i < pairs; i++) {
        // In turn first and second, so that neither profits from what the other has warmed.
        const order = i % 2 ? ["build.mjs", "build-plain.mjs"] : ["build-plain.mjs", "build.mjs"];
        const times: Record<string, number> = {};
        for (const name of order) times[name] = await build(name);
        differences.push((times["build.mjs"] as number) - (times["build-plain.mjs"] as number));
      }
      expect(receiver.connections).toBeGreaterThan(0);
      console.log(`${bundler}: median of ${pairs} pairs ${median(differences).toFixed(1)} ms`);
      expect(median(differences)).toBeLessThan(limitMs);
    });
  },
);
