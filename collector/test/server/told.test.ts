import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import { schemaOf } from "../ingest/payloads.ts";
import { program, startBuilt } from "./built.ts";

/** What an operator can mend is told in a sentence: no stack, and an exit code that says whose it is. */

const folder = mkdtempSync(join(tmpdir(), "sendoff-told-"));
const events = join(folder, "acme.schema.json");
writeFileSync(events, JSON.stringify(schemaOf()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Another start of a service mends nothing after 2. */
const misuse = 2;

async function ended(...args: string[]) {
  const { exitCode, stderr } = await execa(process.execPath, [program, ...args], {
    reject: false,
    cwd: folder,
    timeout: 60_000,
  });
  expect(stderr).not.toMatch(/^\s+at /m);
  return { exitCode, stderr };
}

const serving = (file: string, ...flags: string[]) =>
  ended("--events", events, "--store", `duckdb:${file}`, "--log-level", "error", ...flags);

const noFiles = (place: string, instead: string) =>
  `${place} takes no files (ENOENT): let this user write there, or ${instead}`;

test("flags and commands that there are not", async () => {
  expect(await ended("--prot", "1")).toMatchObject({ exitCode: misuse });
  const frob = await ended("frob");
  expect(frob).toMatchObject({ exitCode: misuse });
  expect(frob.stderr).toContain("frob is no command: see --help.");
  expect(await ended("--help")).toMatchObject({ exitCode: 0 });
  // It would be read, and left out.
  const before = await ended("--port", "1", "--retention-days", "60", "demo", "--no-serve");
  expect(before).toMatchObject({ exitCode: misuse });
  expect(before.stderr).toBe(
    "--port, --retention-days before demo would do nothing: see sendoff-collector demo --help.",
  );
});

test("a port that is taken, an address of another machine, and files that are no certificate", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const taken = await serving("taken.duckdb", "--port", String(port));
  other.close();
  expect(taken.stderr).toContain(`--port ${port}: something listens there already`);
  // It may be gone the next time.
  expect(taken.exitCode).toBe(1);
  // It has let go of its file in order.
  expect(existsSync(join(folder, "taken.duckdb.wal"))).toBe(false);

  const far = await serving("far.duckdb", "--host", "192.0.2.1", "--port", "0");
  expect(far.stderr).toContain("--host 192.0.2.1: this machine has no such address");
  const tls = await serving("tls.duckdb", "--tls-cert", events, "--tls-key", "key.pem");
  expect(tls.stderr).toContain("--tls-key key.pem: ENOENT");
  expect(tls.exitCode).toBe(misuse);
});

test("a database that is in use, is none, is another's, or a later collector's", async () => {
  const file = join(folder, "telemetry.duckdb");
  const running = await startBuilt(`duckdb:${file}`, { events: [events] });
  const second = await serving(file, "--port", "0");
  await running.stop();
  expect(second.stderr).toContain("is open in another collector: stop that one");
  expect(second.exitCode).toBe(1);

  const garbage = join(folder, "garbage.duckdb");
  writeFileSync(garbage, "not a database ".repeat(5_000));
  expect((await serving(garbage, "--port", "0")).stderr).toMatch(
    /garbage\.duckdb can't be opened: .*\n.*backup/,
  );

  // The engine would read tables from them, and keep in memory what is written to those.
  for (const [name, text] of [
    ["builds.csv", "day,builds\n2026-01-01,1\n"],
    ["builds.json", '[{ "builds": 1 }]'],
  ] as const) {
    const table = join(folder, name);
    writeFileSync(table, text);
    const { exitCode, stderr } = await serving(table, "--port", "0");
    expect(stderr).toContain(`${table} can't be opened`);
    expect(exitCode).toBe(1);
    expect(readFileSync(table, "utf8")).toBe(text);
  }

  await run(join(folder, "foreign.duckdb"), "CREATE TABLE events (a INTEGER)");
  const foreign = await serving("foreign.duckdb", "--port", "0");
  expect(foreign.stderr).toContain("holds tables of something else (events)");

  // What was stopped can be started again, until a later version has written another format.
  await (await startBuilt(`duckdb:${file}`, { events: [events] })).stop();
  await run(file, "UPDATE state SET value = 3 WHERE name = 'format'");
  const later = await serving(file, "--port", "0");
  expect(later.stderr).toContain(
    "is of a newer sendoff-collector (format 3, and this one knows 2)",
  );
});

test.skipIf(!existsSync("/proc"))("a place that takes no files, or isn't there", async () => {
  for (const [file, said] of [
    ["/proc/telemetry.duckdb", noFiles("/proc", "name another place by --store.")],
    ["/dev/null/telemetry.duckdb", "/dev/null is no folder: name another place by --store."],
    [join(folder, "missing", "telemetry.duckdb"), "missing isn't there: make that folder"],
  ] as const) {
    for (const command of [
      ["--events", events, "--port", "0", "--log-level", "error"],
      ["demo", "--no-serve"],
    ]) {
      const { exitCode, stderr } = await ended(...command, "--store", `duckdb:${file}`);
      expect(stderr).toContain(said);
      expect(exitCode).toBe(1);
    }
  }
});

test.skipIf(!existsSync("/proc"))("a copy to or from a place that takes no files", async () => {
  await run(join(folder, "copied.duckdb"), "SELECT 1");
  const [here, there] = ["duckdb:copied.duckdb", "duckdb:/proc/telemetry.duckdb"];
  const to = await ended("copy", "--from", here, "--to", there);
  expect(to.stderr).toBe(noFiles("/proc", "name another file by --to."));
  expect(to.exitCode).toBe(1);
  // It is there, and no engine can open it.
  const from = await ended("copy", "--from", "duckdb:/proc/version", "--to", here);
  expect(from.stderr).toBe(noFiles("/proc", "name another file by --from."));
});

test.skipIf(!existsSync("/proc"))("a ban beside a database where nothing can be kept", async () => {
  const { exitCode, stderr } = await ended("ban", "a".repeat(64), "--database", "/proc/version");
  expect(stderr).toBe(
    "/proc/version.bans can't be written (ENOENT): let the collector's user write there, and run this as that user.",
  );
  expect(exitCode).toBe(1);
  const inFolder = await ended("ban", "a".repeat(64), "--database", "/proc");
  expect(inFolder.stderr).toBe("/proc is a folder: name the collector's file by --database.");
  expect(inFolder.exitCode).toBe(misuse);
});

test.skipIf(!existsSync("/proc"))("a website's folder that can't be made", async () => {
  const store = `duckdb:${join(folder, "published.duckdb")}`;
  const running = await startBuilt(store, { events: [events] });
  const publish = (out: string) => ended("publish", "--from", running.url, "--out", out);
  const proc = await publish("/proc/pages/acme");
  expect(proc.stderr).toBe(noFiles("/proc", "name another by --out."));
  expect(proc.exitCode).toBe(1);
  expect((await publish(join(events, "acme"))).stderr).toContain(
    "is no folder: name another by --out.",
  );
  // Those that it is in are made, too.
  const out = join(folder, "site", "telemetry");
  expect(await publish(out)).toEqual({ exitCode: 0, stderr: "" });
  expect(existsSync(join(out, "index.html"))).toBe(true);
  expect(readdirSync(folder).filter((name) => name.startsWith(".sendoff-"))).toEqual([]);
  await running.stop();
});

test("a file of an earlier format, or of none", async () => {
  const file = join(folder, "early.duckdb");
  await (await startBuilt(`duckdb:${file}`, { events: [events] })).stop();
  for (const change of ["UPDATE state SET value = 1", "DELETE FROM state"]) {
    await run(file, `${change} WHERE name = 'format'`);
    const { stderr } = await serving(file, "--port", "0");
    expect(stderr).toContain("(format 1, and this one knows 2): move it and");
  }
});

test("kept definitions that can't be read keep no collector from starting", async () => {
  const file = join(folder, "kept.duckdb");
  await (await startBuilt(`duckdb:${file}`, { events: [events] })).stop();
  // The power went before it was on the disk.
  writeFileSync(join(`${file}.definitions`, `${"0".repeat(32)}.json`), "");
  await (await startBuilt(`duckdb:${file}`, { events: [events] })).stop();
});

test("reports of the page's policy, which anybody can send, don't fill the log", async () => {
  const flags = ["--log-level", "warn"];
  const store = `duckdb:${join(folder, "reports.duckdb")}`;
  const running = await startBuilt(store, { events: [events], flags });
  for (let number = 0; number < 300; number += 1) {
    const letter = (place: number) => String.fromCharCode(97 + (place % 26));
    const directive = `${letter(number)}-${letter(Math.floor(number / 26))}`;
    const body = JSON.stringify({ "csp-report": { "effective-directive": directive } });
    const { status } = await fetch(`${running.url}/csp-report`, { method: "POST", body });
    expect(status).toBe(204);
  }
  const { stderr } = await running.stop();
  expect(stderr.split("\n").filter((line) => line.includes("policy was violated"))).toHaveLength(
    50,
  );
});

test("copying from a file that isn't there, to itself, or for no days", async () => {
  const missing = await ended("copy", "--from", "duckdb:nope.duckdb", "--to", "duckdb:to.duckdb");
  expect(missing).toMatchObject({ exitCode: misuse });
  expect(missing.stderr).toContain("nope.duckdb isn't there");
  expect([existsSync(join(folder, "nope.duckdb")), existsSync(join(folder, "to.duckdb"))]).toEqual([
    ...[false, false],
  ]);
  writeFileSync(join(folder, "same.duckdb"), "");
  const same = await ended("copy", "--from", "duckdb:same.duckdb", "--to", "duckdb:./same.duckdb");
  expect(same.stderr).toContain("are the same file");
  const days = ["--retention-days", "many"];
  const many = await ended("copy", "--from", "duckdb:a", "--to", "duckdb:b", ...days);
  expect(many.stderr).toContain("--retention-days: say a whole number");
  await run(join(folder, "empty.duckdb"), "SELECT 1");
  for (const [to, told] of [
    [
      "duckdb:no-folder/to.duckdb",
      "no-folder isn't there: make that folder, or name another file by --to.",
    ],
    [`duckdb:${folder}`, "is a folder: name a file in it."],
    ["duckdb:", "duckdb: is no store: say duckdb:FILE"],
  ] as const) {
    const { stderr } = await ended("copy", "--from", "duckdb:empty.duckdb", "--to", to);
    expect(stderr).toContain(told);
    expect(stderr).not.toContain("backup");
  }
  const store = await ended("copy", "--from", "mysql:x", "--to", "duckdb:b");
  expect(store.stderr).toContain("mysql:x is no store: say duckdb:FILE");
});

async function run(file: string, sql: string) {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  const result = await connection.runAndReadAll(sql);
  connection.closeSync();
  instance.closeSync();
  return result.getRowsJS();
}
