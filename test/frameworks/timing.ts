import { describe, expect, it, onTestFinished } from "vitest";
import { median, processesIn, senderGone, setUp } from "../e2e/harness.ts";
import { timePasses } from "../e2e/time-passes.ts";
import { installApp, type Variant } from "./app.ts";
import { frameworks } from "./frameworks.ts";

/**
 * What telemetry costs the builds of real apps, with an endpoint that accepts and never answers and
 * a sender for every build: `PAIRS=20 FRAMEWORKS=next,astro npm run bench:frameworks`. The figures
 * are printed; what fails a run is a build that waited, which would take five seconds more.
 */
const pairs = Number(process.env.PAIRS ?? 7);
const limitMs = 2500;

describe.each(frameworks)("a build of the $name example", (framework) => {
  it("ends as soon as without telemetry while the endpoint hangs", async () => {
    const app = await installApp(framework);
    onTestFinished(() => app.remove());
    const { env, home, receiver } = await setUp();
    receiver.behave("hang");
    await app.showNotice(env);
    const build = async (variant: Variant) => {
      const before = receiver.connections;
      const { duration } = await app.build(variant, env);
      if (variant === "told") {
        await expect.poll(() => receiver.connections, { timeout: 10_000 }).toBeGreaterThan(before);
      }
      // It would wait for an answer for ten seconds more.
      for (const pid of processesIn(home.path)) process.kill(pid, "SIGKILL");
      await senderGone(home.path);
      timePasses(home.stateFolder("acme"));
      return duration;
    };
    await build("plain");
    await build("told");
    const times: Record<Variant, number[]> = { plain: [], told: [] };
    for (let pair = 0; pair < pairs; pair++) {
      // In turn first and second, so that neither profits from what the other has warmed.
      const order = pair % 2 ? (["told", "plain"] as const) : (["plain", "told"] as const);
      for (const variant of order) times[variant].push(await build(variant));
    }
    const without = median(times.plain);
    const difference = median(times.told.map((told, pair) => told - (times.plain[pair] as number)));
    const share = ((100 * difference) / without).toFixed(1);
    console.log(
      `${framework.name}: ${without.toFixed(0)} ms without, median of ${pairs} pairs' differences ` +
        `${difference.toFixed(0)} ms, ${share} %`,
    );
    expect(difference).toBeLessThan(limitMs);
  });
});
