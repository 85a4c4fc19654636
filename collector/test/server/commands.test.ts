import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { createToken } from "../../src/auth/tokens.ts";
import { flagOf } from "../../src/config/read-settings.ts";
import { type SettingName, settings } from "../../src/config/settings.ts";
import { demoSchema } from "../../src/demo/product.ts";
import { hashOf } from "../../src/ingest/row-of.ts";
import { bansOf, openBans } from "../../src/rates/bans.ts";
import type { EventRow } from "../../src/rows/row.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import type { Store } from "../../src/store/store.ts";
import { exampleHash, exampleRows } from "../example-rows.ts";
import { acmeEvents, productOf, requestOf, schemaOf } from "../ingest/payloads.ts";
import { historyOf } from "../query/rows.ts";
import { program, startBuilt, until } from "./built.ts";

/** Commands as an operator runs them. */

const DAY_MS = 86_400_000;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sendoff-commands-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function run(args: readonly string[], env: Record<string, string> = {}) {
  return execa(process.execPath, [program, ...args], { reject: false, env });
}

/** What a collector says when it has started. */
function firstLines(
  child: Promise<{ stderr: string }> & { stdout: Readable },
  count: number,
): Promise<string[]> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (lines.push(line) === count) resolve(lines);
    });
    void child.then(({ stderr }) => reject(new Error(stderr)));
  });
}

function copy(from: string, to: string) {
  return run(["copy", "--from", `duckdb:${from}`, "--to", `duckdb:${to}`]);
}

async function withStore<T>(file: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openDuckDb({ file, threads: 1 });
  await store.ready;
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function fill(file: string, rows: readonly EventRow[]): Promise<void> {
  await withStore(file, async (store) => {
    for (let at = 0; at < rows.length; at += 1000) await store.write(rows.slice(at, at + 1000));
  });
}

/** All that is stored, but for when it came: a line each. */
function contents(file: string): Promise<string[]> {
  return withStore(file, async ({ reader }) => {
    const rows = await reader?.rows("SELECT * EXCLUDE (receivedAt) FROM events");
    return (rows ?? []).map((row) => JSON.stringify(row)).sort();
  });
}

test("copy takes everything out of a stopped collector's file, once, however often it is run", async () => {
  const folder = newFolder();
  const [from, to] = [join(folder, "from.duckdb"), join(folder, "to.duckdb")];
  // Half of them are older than what a store knows repeats by.
  await fill(from, [
    ...exampleRows(1, 1500),
    ...exampleRows(5001, 1500, { timestamp: Date.now() - 60 * DAY_MS, product: "another" }),
  ]);
  for (let times = 0; times < 2; times += 1) {
    const { exitCode, stdout, stderr } = await copy(from, to);
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      /\n3000 events are in duckdb:.*to\.duckdb, every day of every product\.$/,
    );
    expect(exitCode).toBe(0);
  }
  const copied = await contents(to);
  expect(copied).toHaveLength(3000);
  expect(copied).toEqual(await contents(from));
});

test("copy says what is missing, and what it can't do", async () => {
  const folder = newFolder();
  const [from, to] = [join(folder, "from.duckdb"), join(folder, "to.duckdb")];
  await fill(from, exampleRows(1, 200, { timestamp: Date.parse("2026-11-20T10:00:00Z") }));
  await withStore(to, (store) => store.erase(exampleHash("installation 7"), new Date()));
  const few = await copy(from, to);
  expect(few.stdout).toMatch(/^acme 2026-11-20: 200 in duckdb:.*, 196 in duckdb:/m);
  expect(few.stdout).toMatch(/Not all is there: run the same command again\.$/);
  expect(few.exitCode).toBe(1);
  const wrong = await run(["copy", "--from", `duckdb:${from}`, "--to", "sqlite:x"]);
  expect(wrong.stderr).toMatch(/sqlite:x is no store: say duckdb:FILE/);
  expect(wrong.exitCode).not.toBe(0);
});

test("copy reads a running collector while events come in, and who is erased stays so", async () => {
  const folder = newFolder();
  const [from, to] = [join(folder, "from.duckdb"), join(folder, "to.duckdb")];
  const [events, product] = [join(folder, "acme.schema.json"), productOf()];
  writeFileSync(events, JSON.stringify(schemaOf()));
  await fill(from, exampleRows(1, 4000));
  const { hash } = createToken();
  const flags = ["--token", hash, "--rate-per-source", "0"];
  const collector = await startBuilt(`duckdb:${from}`, { events: [events], flags });
  // Its rights are those that the file should have: nobody else's.
  expect(statSync(`${from}.copy`).mode & 0o777).toBe(0o600);

  const id = "ab".repeat(32);
  const send = async (method: string, body: unknown) =>
    fetch(`${collector.url}/v1/events`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const context = { anonymousId: id, projectHash: null, sessionId: null };
  expect((await send("POST", requestOf(product, { context }))).status).toBe(202);
  let [isOver, taken] = [false, 0];
  const sending = (async () => {
    while (!isOver) {
      expect((await send("POST", requestOf(product))).status).toBe(202);
      taken += 1;
    }
  })();
  await until(async () => taken > 50);
  // What is answered is loaded within two seconds.
  await until(async () => {
    const { exitCode, stdout, stderr } = await copy(from, to);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/events are in duckdb:.*, every day of every product\./);
    expect(exitCode).toBe(0);
    return (await contents(to)).length > 4050;
  });
  expect((await send("DELETE", { anonymousId: id })).status).toBe(200);
  isOver = true;
  await sending;

  // Then the rest is there, too.
  await until(async () => {
    const { exitCode, stdout } = await copy(from, to);
    expect(exitCode).toBe(0);
    return stdout.includes(`\n${4000 + taken} events are in `);
  });
  await collector.stop();
  const copied = await contents(to);
  expect(copied).toHaveLength(4000 + taken);
  expect(copied).toEqual(await contents(from));
  await withStore(to, async ({ reader }) => {
    expect(await reader?.rows("SELECT installation FROM erased")).toHaveLength(1);
  });
}, 120_000);

test("after a kill the socket that is left is in nobody's way", async () => {
  const folder = newFolder();
  const [from, to] = [join(folder, "from.duckdb"), join(folder, "to.duckdb")];
  const events = join(folder, "acme.schema.json");
  writeFileSync(events, JSON.stringify(schemaOf()));
  await fill(from, exampleRows(1, 20));
  const killed = await startBuilt(`duckdb:${from}`, { events: [events] });
  await killed.kill();
  expect(statSync(`${from}.copy`).isSocket()).toBe(true);
  expect((await copy(from, to)).exitCode).toBe(0);
  const next = await startBuilt(`duckdb:${from}`, { events: [events] });
  expect((await copy(from, to)).exitCode).toBe(0);
  await next.stop();
});

test.each(["SIGKILL", "SIGTERM"] as const)(
  "copy from a collector that ends by %s says so, and is continued",
  async (signal) => {
    const folder = newFolder();
    const [from, to] = [join(folder, "from.duckdb"), join(folder, "to.duckdb")];
    const events = join(folder, "acme.schema.json");
    writeFileSync(events, JSON.stringify(schemaOf()));
    const days = Array.from({ length: 40 }, (_, day) => Date.now() - (day + 1) * DAY_MS);
    await fill(
      from,
      days.flatMap((timestamp, day) => exampleRows(1 + day * 500, 500, { timestamp })),
    );
    const collector = await startBuilt(`duckdb:${from}`, { events: [events] });
    const copying = copy(from, to);
    await new Promise((resolve) =>
      createInterface({ input: copying.stdout }).once("line", resolve),
    );
    if (signal === "SIGKILL") await collector.kill();
    else expect(await collector.stop()).toEqual({ exitCode: 0, stderr: "" });
    const { exitCode, stderr } = await copying;
    expect(stderr).toBe("The collector has stopped: run the same command again.");
    expect(exitCode).toBe(1);
    const next = await copy(from, to);
    expect([next.exitCode, next.stderr]).toEqual([0, ""]);
    expect(next.stdout).toMatch(/\n20000 events are in duckdb:/);
    expect(await contents(to)).toHaveLength(20_000);
  },
);

test("a banned installation is answered as ever, and nothing of it is kept until it is taken back", async () => {
  const folder = newFolder();
  const file = join(folder, "telemetry.duckdb");
  const events = join(folder, "acme.schema.json");
  writeFileSync(events, JSON.stringify(schemaOf()));
  const [one, other] = ["ab".repeat(32), "cd".repeat(32)];
  const ban = (...args: string[]) => run([...args, "--database", file]);
  const early = await ban("ban", one);
  expect(early.stderr).toMatch(/telemetry\.duckdb isn't there: name the collector's file/);
  expect(early.exitCode).toBe(2);

  const collector = await startBuilt(`duckdb:${file}`, { events: [events] });
  const sent = { [one]: 0, [other]: 0 };
  const send = async (anonymousId: string) => {
    const context = { anonymousId, projectHash: null, sessionId: null };
    const answer = await fetch(`${collector.url}/v1/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(requestOf(productOf(), { context })),
    });
    expect(answer.status).toBe(202);
    sent[anonymousId] = (sent[anonymousId] ?? 0) + 1;
  };
  const thrownAway = async () => {
    const text = await (await fetch(`${collector.url}/metrics`)).text();
    return Number(/banned_requests_total (\d+)/.exec(text)?.[1]);
  };
  const isBanned = async () => {
    const before = await thrownAway();
    await send(one);
    return (await thrownAway()) > before;
  };
  expect(await isBanned()).toBe(false);
  const banned = await ban("ban", one);
  expect([banned.exitCode, banned.stderr]).toEqual([0, ""]);
  expect(banned.stdout).toBe(`${hashOf(one)} is banned; a running collector sees it within 5 s.`);
  await until(isBanned);
  const before = await thrownAway();
  for (let times = 0; times < 20; times += 1) {
    await send(one);
    await send(other);
  }
  expect(await thrownAway()).toBe(before + 20);
  // By the hash, which is what the answer above has.
  const back = await ban("unban", hashOf(one));
  expect([back.exitCode, back.stderr]).toEqual([0, ""]);
  expect(back.stdout).toContain(`${hashOf(one)} is not banned`);
  await until(async () => !(await isBanned()));
  const kept = (sent[one] ?? 0) - (await thrownAway());
  await collector.stop();
  const ids = await withStore(file, async ({ reader }) => {
    const rows = await reader?.rows("SELECT anonymousId AS id FROM events");
    return (rows ?? []).map((row) => JSON.stringify(row));
  });
  expect(ids).toHaveLength(kept + 20);
  expect(new Set(ids).size).toBe(2);
  const bare = await run(["ban"]);
  expect(bare.stderr).toMatch(/missing required argument 'id'/);
  const wrong = await ban("ban", "ada");
  expect(wrong.stderr).toMatch(/^An id is 64 hexadecimal digits/);
  expect([bare.exitCode, wrong.exitCode]).toEqual([2, 2]);
}, 120_000);

test("bans by many commands at once are all kept", async () => {
  const file = join(newFolder(), "telemetry.duckdb");
  writeFileSync(file, "");
  const ids = Array.from({ length: 16 }, (_, number) => number.toString(16).repeat(64));
  const ended = await Promise.all(ids.map((id) => run(["ban", id, "--database", file])));
  expect(ended.map(({ exitCode, stderr }) => `${exitCode} ${stderr}`)).toEqual(ids.map(() => "0 "));
  const bans = openBans(bansOf(file), (error) => {
    throw error;
  });
  expect(ids.filter((id) => !bans.has(id))).toEqual([]);
}, 120_000);

test("a token that the command makes opens what its hash locks", async () => {
  const folder = newFolder();
  const events = join(folder, "acme.schema.json");
  writeFileSync(events, JSON.stringify(schemaOf()));
  const made = await run(["token"]);
  expect([made.exitCode, made.stderr]).toEqual([0, ""]);
  const [, token = ""] = /^token: (\S+)$/m.exec(made.stdout) ?? [];
  const [, hash = ""] = /^hash: +(\S+)$/m.exec(made.stdout) ?? [];
  const flags = ["--token", hash];
  const store = `duckdb:${join(folder, "telemetry.duckdb")}`;
  const collector = await startBuilt(store, { events: [events], flags });
  const ask = async (headers: Record<string, string>) =>
    (await fetch(`${collector.url}/api/v1/products`, { headers })).status;
  expect(await ask({ authorization: `Bearer ${token}` })).toBe(200);
  expect(await ask({ authorization: `Bearer ${hash}` })).toBe(401);
  expect(await ask({})).toBe(401);
  expect((await collector.stop()).exitCode).toBe(0);
});

test("help is enough to run it: every command, setting and default, and each command's own", async () => {
  const help = await run(["--help"]);
  expect([help.exitCode, help.stderr]).toEqual([0, ""]);
  for (const [name, { schema }] of Object.entries(settings)) {
    const flag = flagOf(name as SettingName);
    const line = help.stdout.split(/\n {2}(?=-)/).find((text) => text.startsWith(flag)) ?? name;
    const preset = schema.safeParse(undefined).data;
    if (typeof preset === "number" || typeof preset === "string") {
      expect(line).toContain(`(${preset})`);
    }
    expect(line.length).toBeGreaterThan(flag.length + 10);
  }
  expect(help.stdout).toMatch(/^Usage: sendoff-collector \[options\] \[command\]$/m);
  expect(help.stdout).toContain("sendoff-collector --events telemetry.schema.json");
  const commands = ["token", "ban", "unban", "demo", "publish", "copy"];
  for (const command of commands) {
    expect(help.stdout).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
    const [own, same] = [await run([command, "--help"]), await run(["help", command])];
    expect([own.exitCode, own.stderr]).toEqual([0, ""]);
    expect(own.stdout).toContain(`Usage: sendoff-collector ${command}`);
    expect([same.exitCode, same.stdout]).toEqual([0, own.stdout]);
  }
  expect((await run(["help"])).stdout).toBe(help.stdout);
  const { version } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  expect(await run(["--version"])).toMatchObject({ exitCode: 0, stdout: version });
});

test.skipIf(process.platform === "win32")(
  "nobody else on the machine reads the database",
  async () => {
    const folder = newFolder();
    const events = join(folder, "acme.schema.json");
    writeFileSync(events, JSON.stringify(schemaOf()));
    const collector = await startBuilt(`duckdb:${join(folder, "telemetry.duckdb")}`, {
      events: [events],
    });
    const others = (name: string) => statSync(join(folder, name)).mode & 0o077;
    const names = readdirSync(folder).filter((name) => name.startsWith("telemetry.duckdb"));
    expect(names).toContain("telemetry.duckdb");
    expect(names.filter((name) => others(name) !== 0)).toEqual([]);
    const out = join(folder, "site");
    expect(await run(["publish", "--from", collector.url, "--out", out])).toMatchObject({
      exitCode: 0,
    });
    const shown = statSync(join(out, "index.html")).mode & 0o777;
    expect(shown, "a website's server reads what is published").toBe(0o666 & ~process.umask());
    await collector.stop();
  },
);

test("it serves by a file and variables as by flags, says where, and ends in order", async () => {
  const folder = newFolder();
  const events = join(folder, "acme.schema.json");
  writeFileSync(events, JSON.stringify(schemaOf()));
  const config = join(folder, "collector.json");
  writeFileSync(config, JSON.stringify({ events: [events], port: 1, k: 7, logLevel: "info" }));
  const child = execa(process.execPath, [program, "--config", config, "--port", "0"], {
    cwd: folder,
    reject: false,
    env: { SENDOFF_COLLECTOR_K: "8" },
  });
  const lines = await firstLines(child, 4);
  const [, url] =
    /^Collecting at +(http:\/\/127\.0\.0\.1:\d+)\/v1\/events$/.exec(lines[0] ?? "") ?? [];
  expect(lines.slice(1)).toEqual([
    `Dashboard        ${url}/dashboard/`,
    `What is said     ${url}/`,
    "Stored in        duckdb:./telemetry.duckdb",
  ]);
  await until(async () => (await fetch(`${url}/readyz`)).ok);
  expect(await (await fetch(`${url}/api/v1/products`)).json()).toMatchObject({ k: 8 });
  expect((await fetch(`${url}/dashboard/`)).status).toBe(200);
  expect(await (await fetch(`${url}/`)).text()).toContain("acme");
  child.kill("SIGINT");
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(0);
  const logged = stderr.split("\n").map((line) => JSON.parse(line) as { msg: string });
  expect(logged.map(({ msg }) => msg)).toEqual(["listening", "ready", "stopped"]);
});

test("publish writes what the query API says, and tells what it needs", async () => {
  const folder = newFolder();
  const file = join(folder, "telemetry.duckdb");
  const events = join(folder, "demo.schema.json");
  writeFileSync(events, JSON.stringify(demoSchema()));
  const to = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
  await fill(file, historyOf({ seed: 5, count: 6000, to, days: 60, installations: 500 }));
  const { token, hash } = createToken();
  const collector = await startBuilt(`duckdb:${file}`, {
    events: [events],
    flags: ["--token", hash],
  });
  const out = join(folder, "site");
  const args = ["publish", "--out", out, "--from", collector.url];
  const env = { COLLECTOR_TOKEN: token };

  const done = await run(args, env);
  expect(done.stderr).toBe("");
  expect(done.exitCode).toBe(0);
  expect(done.stdout).toBe(join(out, "index.html"));
  expect(readFileSync(join(out, "index.html"), "utf8")).toMatch(/^<!doctype html>/i);
  const numbers = JSON.parse(readFileSync(join(out, "telemetry.json"), "utf8"));
  const headers = { authorization: `Bearer ${token}` };
  const query = `product=acme&from=${numbers.from}&to=${numbers.to}&measure=builds,p50`;
  const answer = await fetch(`${collector.url}/api/v1/query?${query}`, { headers });
  const [[builds, p50]] = ((await answer.json()) as { rows: [[number, number]] }).rows;
  expect(builds).toBeGreaterThan(1000);
  expect(numbers.total).toMatchObject({ builds, p50 });
  const below = await run(["publish", "--from", `${collector.url}/dashboard`, "--out", out], env);
  expect(below.stderr).toMatch(/\/dashboard answered 404, and not as a collector does: say where/);
  expect(below.exitCode).toBe(1);

  const locked = await run(args);
  expect(locked.stderr).toMatch(/wants a token: pass it in COLLECTOR_TOKEN/);
  expect(locked.exitCode).toBe(2);
  const wrong = await run(args, { COLLECTOR_TOKEN: "another" });
  expect(wrong.stderr).toMatch(/wants another token: pass it in COLLECTOR_TOKEN/);
  expect(wrong.exitCode).toBe(2);
  const other = await run([...args, "--product", "acne"], env);
  expect(other.stderr).toMatch(/--product acne is not known there: name one of acme\./);
  expect(other.exitCode).toBe(2);
  await collector.stop();
  const gone = await run(args, env);
  expect(gone.stderr).toMatch(/^No collector answers at /);
  // As of a copy: it may be there the next time.
  expect(gone.exitCode).toBe(1);

  const website = createServer((_, response) => response.end("<p>Hello")).listen(0, "127.0.0.1");
  await new Promise((resolve) => website.once("listening", resolve));
  const { port } = website.address() as AddressInfo;
  const from = (address: string) => run(["publish", "--out", out, "--from", address]);
  const strange = await from(`http://127.0.0.1:${port}`);
  website.close();
  expect(strange.stderr).toMatch(/answered 200, and not as a collector does: say where one is/);
  expect(strange.exitCode).toBe(1);
  const nowhere = await from("localhost:4817");
  expect(nowhere.stderr).toBe(
    "--from localhost:4817: say an address such as http://127.0.0.1:4817.",
  );
  expect(nowhere.exitCode).toBe(2);
});

test("publish makes a folder for each of several products, and says where it can't write", async () => {
  const folder = newFolder();
  const schemas = ["acme", "other"].map((name) => {
    const file = join(folder, `${name}.schema.json`);
    writeFileSync(file, JSON.stringify(schemaOf(acmeEvents, { name })));
    return file;
  });
  const collector = await startBuilt(`duckdb:${join(folder, "telemetry.duckdb")}`, {
    events: schemas,
  });
  const out = join(folder, "site");
  const args = ["publish", "--from", collector.url, "--out"];
  const done = await run([...args, out]);
  expect([done.exitCode, done.stderr]).toEqual([0, ""]);
  expect(done.stdout.split("\n")).toEqual(
    ["acme", "other"].map((name) => join(out, name, "index.html")),
  );
  // Nobody has built anything yet.
  const numbers = JSON.parse(readFileSync(join(out, "acme", "telemetry.json"), "utf8"));
  expect(numbers).toMatchObject({ product: "acme", weeks: [], groups: [] });
  const file = await run([...args, schemas[0] as string]);
  expect(file.stderr).toMatch(/^\S+acme\.schema\.json is no folder: name another by --out\.$/);
  expect(file.exitCode).toBe(1);
  await collector.stop();
});

test("a collector that only forwards shows no dashboard", async () => {
  const folder = newFolder();
  const events = join(folder, "acme.schema.json");
  writeFileSync(events, JSON.stringify(schemaOf()));
  const store = `posthog:http://phc_key@127.0.0.1:9?queue=${join(folder, "queue")}`;
  const child = execa(
    process.execPath,
    [program, "--events", events, "--store", store, "--port", "0", "--log-level", "warn"],
    { reject: false, env: { SENDOFF_COLLECTOR_STROE: "duckdb:./telemetry.duckdb" } },
  );
  const lines = await firstLines(child, 3);
  // At once: the handlers are there before the first line.
  child.kill("SIGTERM");
  const { exitCode, stdout, stderr } = await child;
  expect(exitCode).toBe(0);
  expect(lines.at(-1)).toMatch(/^Stored in /);
  expect(stdout).not.toContain("Dashboard");
  expect(stderr).toContain("SENDOFF_COLLECTOR_STROE is no setting.");
});
