import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { execa } from "execa";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The other end: a collector as a maintainer starts it, with a database in a folder of its own. It
 * learns what acme may send from acme's definitions, as `events --json-schema` writes them.
 */
export async function startCollector() {
  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-demo-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const database = path.join(folder, "telemetry.duckdb");
  const schemas = ["webpack", "esbuild"].map((bundler) => schemaOf(bundler, folder));
  const events = (await Promise.all(schemas)).flatMap((file) => ["--events", file]);
  const collector = spawn(
    process.execPath,
    [
      path.join(ROOT, "collector/dist/main.mjs"),
      ...events,
      ...["--store", `duckdb:${database}`, "--port", "0", "--log-level", "error"],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  process.once("exit", () => collector.kill());
  const ended = once(collector, "exit");
  const lines = createInterface({ input: collector.stdout });
  const [first = ""] = await Promise.race([once(lines, "line"), ended.then(() => [])]);
  const [url] = first.match(/https?:\S+/) ?? [];
  if (!url) throw new Error("the collector did not start");

  return {
    /** Hands a request on, as it came. */
    async take({ body }) {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(url, { method: "POST", headers, body });
      if (answer.status !== 202) throw new Error(`the collector answered ${answer.status}`);
    },
    /** Ends it, as a deployment would; what it has taken is in the file then. */
    async stop() {
      collector.kill("SIGTERM");
      await ended;
    },
    /** @returns rows, by any tool that reads DuckDB. */
    async query(sql) {
      const instance = await DuckDBInstance.create(database, { access_mode: "READ_ONLY" });
      try {
        const connection = await instance.connect();
        const result = await connection.runAndReadAll(sql);
        connection.closeSync();
        return result.getRowObjectsJson();
      } finally {
        instance.closeSync();
      }
    },
  };
}

async function schemaOf(bundler, folder) {
  const file = path.join(folder, `${bundler}.schema.json`);
  const telemetry = path.join(ROOT, "examples", bundler, "telemetry.mjs");
  const { stdout } = await execa(process.execPath, [
    path.join(ROOT, "dist/bin.mjs"),
    ...["events", "--from", telemetry, "--json-schema"],
  ]);
  writeFileSync(file, stdout);
  return file;
}
