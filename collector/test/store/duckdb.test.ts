import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import { holdsStoreContract } from "../store-contract.ts";

holdsStoreContract({
  name: "DuckDB",
  knowsRepeats: true,
  seenWithinMs: 2000,
  async make() {
    const folder = await mkdtemp(join(tmpdir(), "sendoff-duckdb-"));
    const file = join(folder, "telemetry.db");
    return {
      open: () => openDuckDb({ file, threads: 1 }),
      async breakWrites() {
        // Segments are begun anew after each load.
        await rename(`${file}.journal`, `${file}.away`);
        return () => rename(`${file}.away`, `${file}.journal`);
      },
      remove: () => rm(folder, { recursive: true }),
    };
  },
});
