import { existsSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { importSource } from "../bundled.mjs";

const DAYS = 90;
const INSTALLATIONS = 100_000;

/**
 * A store's file with so many events of 100,000 installations in 90 days, made by the engine itself:
 * arithmetic on hashes, so that all but the ids is the same each time. Some installations build a
 * hundred times as often as others; a fifth of the events is of CI; some come in up to 29 days late.
 */
export async function makeStore(file, events) {
  if (existsSync(file))
    throw new Error(`${file} is there already: name another one, or remove it.`);
  const { createTables } = await importSource("store/duckdb/schema");
  const { FieldColumns } = await importSource("store/field-columns");
  const { addColumn } = await importSource("store/duckdb/fields");
  const { writeFormat } = await importSource("store/duckdb/format");
  const { demoSchema } = await importSource("demo/product");
  const definitions = demoSchema().$id.slice(-32);
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: "2GiB" });
  const connection = await instance.connect();
  await connection.run(`ATTACH '${file}' AS store; USE store`);
  for (const statement of createTables) await connection.run(statement);
  await writeFormat(connection);
  for (const column of new FieldColumns(fieldColumns).there)
    await connection.run(addColumn(column));
  const perDay = Math.ceil(events / DAYS);
  const today = Math.floor(Date.now() / 86_400_000);
  for (let day = 0; day < DAYS; day += 1) {
    const rows = Math.min(perDay, events - day * perDay);
    await connection.run(dayOfEvents(day, { rows, today, perDay, definitions }));
  }
  await connection.run("CHECKPOINT store");
  connection.closeSync();
  instance.closeSync();
}

/** The product's own, in the order of `dayOfEvents`. */
const fieldColumns = [
  "toolsCount:number",
  "reactToolsCount:number",
  "promptsCount:number",
  "resourcesCount:number",
  "transport:text",
  "adapter:text",
  "typescript:boolean",
  "features:list",
  "filesByKind:map",
];

/** Hashed twice: of several values the engine only combines the hashes, so that keys would go together. */
const hash = (key, of = "i") => `hash(hash(${of}, ${key}))`;

/** From 0 to 1. */
const chance = (key, of) => `(${hash(key, of)} / 18446744073709551616.0)`;

const one = (values, key, of) => {
  const list = values.map((value) => (typeof value === "string" ? `'${value}'` : value));
  return `[${list.join(", ")}][1 + floor(${chance(key, of)} * ${values.length})::INT]`;
};

const project = hash("part", "who");

function dayOfEvents(day, { rows, today, perDay, definitions }) {
  const date = (days) => `(DATE '1970-01-01' + (${days})::INT)`;
  const received = today - DAYS + 1 + day;
  const late = `least(${day}, floor(29 * pow(${chance(3)}, 2)))`;
  const node = one(
    ["18.20.8", "20.11.0", "20.19.5", "22.1.0", "22.12.0", "22.20.0", "24.4.1", "24.9.0"],
    4,
    "who",
  );
  return `INSERT INTO events
WITH numbered AS (
  SELECT ${day * perDay} + range AS i, range::DOUBLE / ${rows} AS passed FROM range(${rows})
), people AS (
  SELECT *, floor(${INSTALLATIONS} * pow(${chance(1)}, 2.2))::BIGINT AS who, ${hash(77)} % 5 = 0 AS isServer,
    ${hash(78)} % 100 < 8 AS fails
  FROM numbered
), builds AS (
  SELECT *, floor(${chance(2)} * pow(3, 1 + ${chance(2, "who")}))::BIGINT AS part,
    CASE WHEN ${hash(79)} % 100 < 6 THEN ${late} ELSE 0 END AS lateBy
  FROM people
)
SELECT uuid(),
  (${date(`${received} - lateBy`)} + INTERVAL 1 HOUR * floor(passed * 24)::INT)::TIMESTAMP_MS,
  ${date(`${received} - lateBy`)},
  (${date(received)} + INTERVAL 1 MILLISECOND * floor(passed * 86400000)::BIGINT)::TIMESTAMP_MS,
  'acme', '${definitions}',
  CASE WHEN fails THEN 'build:failed' ELSE 'build:completed' END,
  CASE WHEN isServer THEN 'ci' ELSE 'installation' END,
  CASE WHEN NOT isServer THEN ${hash(10, "who")} END,
  CASE WHEN NOT isServer THEN ${hash(11, project)} END,
  ${hash(12)}, 1, NULL, NULL, NULL,
  ${one(["linux", "linux", "darwin", "darwin", "darwin", "win32", "win32"], 20, "who")},
  ${one(["5.15", "6.1", "6.8", "23.4", "24.1", "24.6", "10.0", "10.1"], 21, "who")},
  ${one(["x64", "x64", "arm64"], 22, "who")},
  ${one([2, 4, 8, 8, 10, 12, 16, 32], 23, "who")},
  ${one(["Apple M1", "Apple M4", "Intel Core", "Intel Xeon", "AMD Ryzen", "AMD EPYC"], 24, "who")},
  2400 + 100 * floor(${chance(25, "who")} * 20)::INT,
  ${one([4000, 8000, 16000, 16000, 32000, 64000], 26, "who")},
  ${hash(27, "who")} % 20 = 0, ${hash(28, "who")} % 25 = 0, isServer,
  CASE WHEN isServer THEN ${one(["github", "gitlab", "jenkins", "circle", "vercel"], 29)} END,
  ${one(["node", "node", "node", "node", "node", "bun", "deno"], 30, "who")}, ${node},
  ${one(["npm", "npm", "pnpm", "pnpm", "yarn", "bun"], 32, "who")},
  CASE WHEN ${hash(33)} % 10 = 0 THEN ${one(["claude", "cursor", "codex"], 34)} END,
  NOT fails,
  floor(exp(5.5 + 0.8 * ${chance(35, "who")}
    + 1.2 * sqrt(-2 * ln(${chance(36)} + 1e-12)) * cos(6.2831853 * ${chance(37)})))::BIGINT,
  ${one(["webpack", "vite", "vite", "rspack", "esbuild", "rollup"], 38, project)},
  ${one(["5.90.0", "5.99.0", "6.0.1", "6.4.1", "7.0.0", "0.25.1"], 39, project)},
  CASE WHEN ${hash(40)} % 3 = 0 THEN 'production' ELSE 'development' END,
  ${hash(41)} % 5 = 0, ${node},
  concat('2.', least(9, floor(${day} / 10 + 2 * ${chance(42, "who")})::INT), '.', floor(3 * ${chance(43, "who")})::INT),
  CASE WHEN NOT fails THEN floor(exp(11 + 1.5 * ${chance(44, project)} + 0.2 * ${chance(45)}))::BIGINT END,
  CASE WHEN NOT fails THEN floor(exp(3 + 4 * ${chance(46, project)}) + 5 * ${chance(47)})::BIGINT END,
  CASE WHEN fails THEN ${one(["config", "compile", "compile", "transpile", "emit"], 48)} END,
  CASE WHEN fails THEN ${one(["TS2307", "TS2322", "SyntaxError", "ModuleNotFound", "UnknownError", "ENOENT"], 49)} END,
  floor(30 * ${chance(50, project)})::INT, floor(3 * ${chance(51, project)})::INT,
  floor(4 * ${chance(52, project)})::INT, floor(4 * ${chance(53, project)})::INT,
  ${one(["http", "stdio"], 54, project)},
  ${one(["none", "none", "express", "nextjs", "nestjs"], 55, project)},
  ${hash(56, project)} % 4 > 0,
  [['auth', 'cache'], ['auth'], ['oauth', 'widgets']][1 + floor(${chance(57, project)} * 3)::INT],
  json_object('ts', floor(20 * ${chance(58, project)} + ${chance(59)})::INT,
    'json', floor(4 * ${chance(60, project)})::INT)
FROM builds`;
}
