import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DistributionAnswer, QueryAnswer } from "../../src/query/api.ts";
import { csvLines } from "../../src/query/export/csv.ts";
import { makePlace, type Place } from "./place.ts";
import { historyOf } from "./rows.ts";

/** Files are read back by another program, and hold what the answer does. */

let place: Place;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendoff-exported-"));
  place = await makePlace({ now: () => Date.parse("2026-11-21T12:00:00Z") });
  const to = "2026-11-20";
  await place.write(historyOf({ seed: 2, count: 5000, to, days: 30, installations: 400 }));
});
afterAll(async () => {
  await place.close();
  await rm(folder, { recursive: true });
});

async function readBack(file: string, from: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const result = await connection.runAndReadAll(
    `SELECT * FROM ${from.replace("FILE", `'${file}'`)}`,
  );
  const rows = result.getRowsJson();
  connection.closeSync();
  return rows.map((row) =>
    row.map((value) =>
      typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value,
    ),
  );
}

const question = "from=2026-11-01&to=2026-11-20&by=day,bundler&measure=builds,successRate,p50";

const formats = [
  ["csv", "text/csv; charset=utf-8", "read_csv(FILE, header = true, all_varchar = false)"],
  ["parquet", "application/vnd.apache.parquet", "read_parquet(FILE)"],
] as const;

test.each(formats)("%s", async (format, type, from) => {
  const answer: QueryAnswer = await place.json(`/query?${question}`);
  const exported = await place.get(`/export?${question}&format=${format}`);
  expect(exported.headers.get("content-type")).toBe(type);
  expect(exported.headers.get("content-disposition")).toBe(
    `attachment; filename="acme_2026-11-01_2026-11-20.${format}"`,
  );
  const file = join(folder, `answer.${format}`);
  await writeFile(file, Buffer.from(await exported.arrayBuffer()));
  expect(answer.rows.length).toBeGreaterThan(20);
  expect(await readBack(file, from)).toEqual(answer.rows);
});

test.each(formats)("%s of a distribution, of all and of groups", async (format, type, from) => {
  for (const by of ["", "&by=bundler", "&by=memoryTotal"]) {
    const asked = `from=2026-11-01&to=2026-11-20&field=duration&bins=12${by}`;
    const answer: DistributionAnswer = await place.json(`/distribution?${asked}`);
    const expected = answer.series.flatMap(({ group, bins }) =>
      bins.map(({ from, upTo, count }) => [
        ...(group === null ? [] : [by.includes("memory") ? Number(group) : group]),
        ...[from, upTo, count],
      ]),
    );
    expect(expected.length).toBeGreaterThan(by === "" ? 5 : 10);
    const exported = await place.get(`/export?${asked}&format=${format}`);
    expect(exported.headers.get("content-type")).toBe(type);
    const file = join(folder, `distribution.${format}`);
    await writeFile(file, Buffer.from(await exported.arrayBuffer()));
    expect(await readBack(file, from)).toEqual(expected);
  }
});

test("a distribution of few is an empty file, and a wrong field is told with the fix", async () => {
  const few = "from=2026-11-01&to=2026-11-20&field=duration&where.bundlerVersion=0.0.1&format=csv";
  const empty = await place.get(`/export?${few}`);
  expect(await empty.text()).toBe("from,upTo,events\r\n");
  const { error } = await place.json("/export?field=bundler&format=csv");
  expect(error).toMatch(/^field=bundler is no number: pass one of /);
});

test("another format is told with the fix", async () => {
  const exported = await place.get(`/export?${question}&format=xlsx`);
  expect(exported.status).toBe(400);
  expect(await exported.json()).toEqual({
    error: "format=xlsx is not known: pass csv or parquet.",
  });
});

test("a value that a spreadsheet would run is text, and quotes stay quotes", async () => {
  const answer = { columns: [{ name: "cpuModel" }, { name: "builds" }] } as QueryAnswer;
  answer.rows = [
    ["=HYPERLINK(1)", -3],
    ['A "fast" one, at 3 GHz', 1],
    ["@sum", 2],
    [null, 0.5],
  ];
  expect([...csvLines(answer)].join("")).toBe(
    [
      "cpuModel,builds",
      "'=HYPERLINK(1),-3",
      '"A ""fast"" one, at 3 GHz",1',
      "'@sum,2",
      ",0.5",
      "",
    ].join("\r\n"),
  );
});
