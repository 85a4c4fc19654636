import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { program } from "../server/built.ts";

function setUp() {
  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-demo-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const run = (...words: string[]) =>
    execa(process.execPath, [program, "demo", ...words], { cwd: folder, reject: false });
  return { folder, run };
}

const few = ["--events", "2000", "--installations", "600"];

describe("sendoff-collector demo", () => {
  test("fills a store, starts a collector on it, and says where to look", async () => {
    const { folder, run } = setUp();
    const command = run(...few, "--port", "0");
    onTestFinished(() => void command.kill("SIGKILL"));
    const url = await new Promise<string>((resolve, reject) => {
      let printed = "";
      command.stdout?.on("data", (chunk) => {
        printed += chunk;
        const [, found] = /Dashboard +(http:\S+)\/dashboard/.exec(printed) ?? [];
        if (found) resolve(found);
      });
      void command.then(({ stderr }) => reject(new Error(`It has ended: ${printed}${stderr}`)));
    });
    const { products } = (await (await fetch(`${url}/api/v1/products`)).json()) as {
      products: { name: string; dimensions: { name: string }[] }[];
    };
    expect(products.map(({ name }) => name)).toEqual(["acme"]);
    expect(products[0]?.dimensions.map(({ name }) => name)).toContain("toolsCount");
    const asked = `${url}/api/v1/query?product=acme&measure=builds,installations`;
    const { columns, rows } = (await (await fetch(asked)).json()) as {
      columns: { name: string }[];
      rows: number[][];
    };
    const builds = columns.findIndex(({ name }) => name === "builds");
    expect(rows[0]?.[builds]).toBeGreaterThan(300);
    command.kill("SIGTERM");
    expect((await command).exitCode).toBe(0);
    expect(existsSync(path.join(folder, "demo.duckdb"))).toBe(true);
  });

  test("says how to look at what is written where the port is taken", async () => {
    const { folder, run } = setUp();
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const { exitCode, stdout, stderr } = await run(...few, "--port", String(port));
    other.close();
    expect(stderr).toContain(`--port ${port}: something listens there already`);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      `Look at it: sendoff-collector --events ${path.join(folder, "demo.duckdb.schema.json")} --store duckdb:./demo.duckdb`,
    );
  });

  test("only writes where it is told to, and touches no store that has a history", async () => {
    const { folder, run } = setUp();
    const words = [...few, "--no-serve", "--store", "duckdb:./other.db"];
    const first = await run(...words);
    expect(first.stderr).toBe("");
    expect(first.stdout).toContain("events of a made-up product, acme, are in duckdb:./other.db");
    expect(first.stdout).toContain("--store duckdb:./other.db");
    const schema = JSON.parse(readFileSync(path.join(folder, "other.db.schema.json"), "utf8"));
    expect(schema.$id).toMatch(/^urn:sendoff:acme:/);
    const second = await run(...words);
    expect([second.exitCode, second.stderr]).toEqual([
      2,
      "duckdb:./other.db has events of acme already: remove it, or name another.",
    ]);
  });

  // Where not even root makes files.
  test.runIf(process.platform === "linux")(
    "says where a schema can't be written, and what to do, where the store is a server",
    async () => {
      const { exitCode, stderr } = await execa(
        process.execPath,
        [program, "demo", ...few, "--store", "clickhouse:http://127.0.0.1:1/acme"],
        { cwd: "/proc", reject: false },
      );
      expect(stderr).toMatch(
        /^\/proc takes no files \(\w+\): let this user write there, or start it in another, for demo\.schema\.json\.$/,
      );
      expect(exitCode).toBe(1);
    },
  );

  test.each([
    [["--events", "many"], "--events: say a whole number from 100"],
    [["--days", "91"], "--days: say a whole number from 1 to 90"],
    [["--store", "file.db"], "store"],
  ])("says what is wrong with %j", async (words, problem) => {
    const { run } = setUp();
    const { exitCode, stderr } = await run(...words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(problem);
  });
});
