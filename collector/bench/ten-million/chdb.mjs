import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { execa } from "execa";
import { importSource } from "../bundled.mjs";

const program = fileURLToPath(new URL("../../test/engines/chdb-server.mjs", import.meta.url));

/**
 * The engine of chdb as the tests run it, in a process of its own, on a folder beside the DuckDB file
 * whose events it has; made where there is none.
 */
export async function startChdb(file) {
  const folder = `${file}.chdb`;
  const isNew = !existsSync(folder);
  const port = await freePort();
  const child = execa(process.execPath, [program, folder, String(port)], {
    ...{ stdout: "pipe", stderr: "inherit", reject: false, buffer: false },
  });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", (code) => reject(new Error(`chdb ended with ${code}: is it installed?`)));
  });
  const { openClickHouse } = await importSource("store/clickhouse/node");
  const url = `http://127.0.0.1:${port}`;
  if (isNew) {
    // For its tables.
    await (await openClickHouse({ url })).close();
    await copyEvents(file, url);
  }
  const store = await openClickHouse({ url });
  return {
    store,
    folder,
    /** Milliseconds of processor time so far, of all threads of the engine. */
    processor() {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    async stop() {
      await store.close();
      child.kill("SIGKILL");
      await child;
    },
  };
}

/** By way of Parquet, and merged, as an engine does it in its own time. */
async function copyEvents(file, url) {
  const { columns } = await importSource("rows/columns");
  const { FieldColumns } = await importSource("store/field-columns");
  const { fieldsSql } = await importSource("store/duckdb/fields");
  const { addColumn } = await importSource("store/clickhouse/fields");
  const parquet = path.resolve(`${file}.parquet`);
  const instance = await DuckDBInstance.create(file, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  const names = columns.map(({ name }) => name).join(", ");
  const found = await connection.runAndReadAll(
    "SELECT column_name FROM duckdb_columns() WHERE table_name = 'events'",
  );
  const fields = new FieldColumns(found.getRowsJS().map(([name]) => name));
  await connection.run(`COPY (SELECT * REPLACE (id::VARCHAR AS id), ${fieldsSql(fields)} AS fields
    FROM events) TO '${parquet}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  const run = async (sql) => {
    const answer = await fetch(url, { method: "POST", body: sql });
    if (!answer.ok) throw new Error(await answer.text());
  };
  for (const column of fields.there) {
    for (const statement of addColumn({}, column)) await run(statement);
  }
  await run(`INSERT INTO events (${names}) SELECT ${names} FROM file('${parquet}', 'Parquet')`);
  await run("OPTIMIZE TABLE events FINAL");
  rmSync(parquet);
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
