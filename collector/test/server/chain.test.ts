import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause, setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { isolatedHome } from "../../../src/testing/index.ts";
import { flushCommand, senderGone } from "../../../test/e2e/harness.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import { type BuiltCollector, schemaFrom, startBuilt } from "./built.ts";

/**
 * The whole chain, each link the real one: builds by esbuild with the plugin, their senders, the
 * built collector, DuckDB's file. `CHAIN=long` is for CI.
 */
const builds = process.env.CI || process.env.CHAIN === "long" ? 200 : 60;
/** Each sends with an id of its own, and has its own sender. */
const machines = 10;

const repository = fileURLToPath(new URL("../../..", import.meta.url));

test(`${builds} builds at once, a collector that is killed: each is counted, once, until it is erased`, {
  timeout: 300_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "sendoff-chain-"));
  const file = join(folder, "telemetry.duckdb");
  const schema = join(folder, "acme.schema.json");
  writeFileSync(schema, await schemaFrom("examples/esbuild/telemetry.mjs"));
  const start = (port?: number) =>
    startBuilt(`duckdb:${file}`, {
      events: [schema],
      flags: ["--k", "2"],
      ...(port !== undefined && { port }),
    });
  let collector = await start();
  const { port } = collector;
  const homes = Array.from({ length: machines }, () => isolatedHome());
  const places = homes.map((home) => ({
    home,
    env: { ...home.env, ACME_TELEMETRY_ENDPOINT: `${collector.url}/v1/events` },
  }));
  onTestFinished(async () => {
    await collector.kill();
    await Promise.all(homes.map(({ path }) => senderGone(path)));
    for (const home of homes) home.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const takenBeforeKills: number[] = [];
  /**
   * As soon as it has taken some, unless the work is over before; and it comes back, as under a
   * supervisor.
   */
  async function killAfter(
    requests: number,
    work: Promise<unknown>,
    comesBack: () => Promise<unknown> = () => pause(300),
  ): Promise<void> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    work.then(over, over);
    while (!isOver) {
      const taken = await takenBy(collector);
      if (taken >= requests) {
        await collector.kill();
        takenBeforeKills.push(taken);
        await comesBack();
        collector = await start(port);
        return;
      }
      await pause(20);
    }
  }

  const waiting = () => homes.flatMap((home) => home.spool("acme")).length;
  const flushed = () => Promise.all(places.map(({ env }) => flushCommand(env)));
  const build = (index: number) => {
    const { env, home } = places[index % machines] as (typeof places)[number];
    return execa(process.execPath, ["examples/esbuild/build.mjs"], {
      cwd: repository,
      env: { ...env, ACME_EXAMPLE_OUT: join(home.path, `out-${index}`) },
      extendEnv: false,
      reject: false,
    });
  };
  // The first one on each machine shows the notice, and its event waits for the next.
  await Promise.all(homes.map((_, index) => build(index)));
  const built = (async () => {
    const running: ReturnType<typeof build>[] = [];
    for (let index = 0; index < builds; index += 1) {
      running.push(build(index));
      // A start holds up this process, which has a collector to watch.
      await setImmediate();
    }
    return Promise.all(running);
  })();
  const sent = built.then(() => Promise.all(homes.map(({ path }) => senderGone(path))));
  await killAfter(builds / 10, sent);
  // What is built from here on waits.
  await killAfter(1, sent, () => sent);
  for (const { exitCode, stderr } of await built) {
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  }
  expect(takenBeforeKills[0]).toBeLessThan(builds);
  const waited = waiting();
  expect(waited).toBeGreaterThan(0);
  const first = flushed();
  await killAfter(1, first);
  await first;
  for (const { exitCode } of await flushed()) expect(exitCode).toBe(0);
  expect(waiting()).toBe(0);

  const all = builds + machines;
  await shows(collector, [all, machines]);

  const { env } = places[0] as (typeof places)[number];
  const erased = await execa(process.execPath, ["dist/bin.mjs", "erase", "--name", "acme"], {
    cwd: repository,
    env,
    extendEnv: false,
    reject: false,
  });
  expect(erased.stdout).toContain(`✓ 127.0.0.1:${port} has deleted what it held`);
  expect(erased.exitCode).toBe(0);
  const left = all - all / machines;
  await shows(collector, [left, machines - 1]);

  expect(await collector.stop()).toEqual({ exitCode: 0, stderr: "" });
  const store = await openDuckDb({ file, threads: 1 });
  const rows = await store.reader?.rows(
    "SELECT count(*) AS n, count(DISTINCT id) AS ids, count(DISTINCT anonymousId) AS machines FROM events",
  );
  await store.close();
  expect(rows?.map((row) => Object.values(row).map(Number))).toEqual([[left, left, machines - 1]]);
  console.log(
    `${builds} builds, killed after ${takenBeforeKills.join(" and ")} requests, ${waited} batches waited`,
  );
});

/** Answered with 202 since it was started. */
async function takenBy({ url }: BuiltCollector): Promise<number> {
  // It takes long to begin on a machine this busy, and may find an idle connection closed.
  const response = await fetch(`${url}/metrics`).catch(() => undefined);
  const text = (await response?.text()) ?? "";
  const [, taken = 0] =
    /^sendoff_requests_total\{what="ingest",status="202"\} (\d+)$/m.exec(text) ?? [];
  return Number(taken);
}

/** Of builds and installations, as on a dashboard. */
async function shows({ url }: BuiltCollector, numbers: number[]): Promise<void> {
  const measures = "measure=builds,installations&places=installation,ci,container,none";
  // Another question each time: an answer is kept for longer the longer it took.
  let limit = 0;
  const answer = async () => {
    limit += 1;
    const response = await fetch(`${url}/api/v1/query?product=acme&${measures}&limit=${limit}`);
    return ((await response.json()) as { rows: unknown[][] }).rows[0];
  };
  await expect.poll(answer, { timeout: 30_000, interval: 200 }).toEqual(numbers);
}
