import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { fixture, flushCommand, processesIn, senderGone, setUp } from "../e2e/harness.ts";
import { createLedger, isLong, tally } from "./harness.ts";

/** Many builds on one spool: a monorepo, or a machine that serves a team. */
const ledger = createLedger("builds that end together");
const builds = isLong ? 200 : 60;

it.each(["accept", "hang"] as const)(
  `${builds} builds at once, endpoint: %s, need a few senders and lose nothing`,
  {
    timeout: 300_000,
  },
  async (behaviour) => {
    const { env, home, product, receiver } = await setUp();
    await product("completed"); // Shows the notice.
    receiver.behave(behaviour);
    const log = path.join(home.path, "senders");
    writeFileSync(log, "");
    const options = JSON.stringify({ sender: fixture("counted-sender.mjs") });
    const startedAt = performance.now();
    let mostAlive = 0;
    let running = true;
    const watching = (async () => {
      while (running) {
        const pids = new Set(readFileSync(log, "utf8").split("\n").filter(Boolean).map(Number));
        const alive = processesIn(home.path).filter((pid) => pids.has(pid)).length;
        mostAlive = Math.max(mostAlive, alive);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    const all = Array.from({ length: builds }, () =>
      product("completed", { PRODUCT_OPTIONS: options, SENDERS_LOG: log }),
    );
    for (const { exitCode } of await Promise.all(all)) expect(exitCode).toBe(0);
    const seconds = (performance.now() - startedAt) / 1000;
    await senderGone(home.path);
    running = false;
    await watching;

    const senders = readFileSync(log, "utf8").split("\n").filter(Boolean).length;
    ledger.add({
      case: `${builds} builds in ${seconds.toFixed(1)} s, ${behaviour}: ${senders} senders, ${mostAlive} at once`,
      recorded: builds + 1,
      ...tally(receiver.requests, home.spool("acme")),
    });
    expect(senders).toBeLessThanOrEqual(Math.ceil(seconds / 4) + 4);
    expect(mostAlive).toBeLessThanOrEqual(3);

    receiver.behave("accept");
    await flushCommand(env);
    expect(receiver.uniqueEvents).toHaveLength(builds + 1);
    expect(home.spool("acme")).toEqual([]);
  },
);
