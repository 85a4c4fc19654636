import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { openClickHouse } from "../../src/store/clickhouse/node.ts";
import { openClickHouse as openByFetch } from "../../src/store/clickhouse/web.ts";
import { type Engine, SERVER, startChdb, startServer } from "../engines/servers.ts";
import { holdsStoreContract } from "../store-contract.ts";

/** The contract on the engine of today, by both clients, and on the server that Debian has. */
const under = [
  { name: "ClickHouse (chdb)", start: startChdb, open: openClickHouse },
  { name: "ClickHouse (chdb, over fetch)", start: startChdb, open: openByFetch },
  ...(SERVER ? [{ name: "ClickHouse (server)", start: startServer, open: openClickHouse }] : []),
];

for (const { name, start, open } of under) {
  describe(name, () => {
    let folder: string;
    let engine: Engine;
    let databases = 0;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "sendoff-clickhouse-"));
      engine = await start(folder);
    });
    afterAll(async () => {
      await engine.kill();
      await rm(folder, { recursive: true });
    });

    holdsStoreContract({
      name,
      // Many collectors may write to one server.
      knowsRepeats: false,
      seenWithinMs: 0,
      // Debian's joins two tables at most.
      ...(start === startServer && {
        endless: "SELECT count() AS n FROM system.numbers WHERE number + 1 = 0",
      }),
      async make() {
        databases += 1;
        const database = `test_${databases}`;
        await engine.run(`CREATE DATABASE ${database}`);
        return {
          async open() {
            const store = await open({ url: engine.url, database });
            if (start === startChdb) {
              // Rows of long ago stay until the store is told to delete them.
              await engine.run(`SYSTEM STOP TTL MERGES ${database}.events`);
            }
            return store;
          },
          async breakWrites() {
            await engine.run(`RENAME TABLE ${database}.events TO ${database}.away`);
            return () => engine.run(`RENAME TABLE ${database}.away TO ${database}.events`);
          },
          remove: () => engine.run(`DROP DATABASE ${database}`),
        };
      },
    });
  });
}

test("the server is there", (context) => {
  if (!SERVER) {
    context.skip("No clickhouse-server: apt-get install clickhouse-server");
  }
});
