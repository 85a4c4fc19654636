// `npm run bench [-- --only 1,2] [--pairs 31] [--json FILE]`: what sendoff takes of a build and of
// the machine, beside its peers and beside the least that can be done. All of it on loopback, apart
// from installing the peers. See NOTES.md.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dim, progress, section, table, tell } from "../examples/demo/terminal.mjs";
import { goals } from "./goals.mjs";
import { thisMachine } from "./machine.mjs";
import { newerNode } from "./peers.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "1,2,3,4,5" },
    pairs: { type: "string", default: "31" },
    json: { type: "string" },
  },
});
const pairs = Number(values.pairs);
const only = values.only.split(",");

const ms = (value) => `${value.toFixed(0)}`;
const spread = ({ median, q1, q3 }, digits = 1) =>
  `${median.toFixed(digits)} (${q1.toFixed(digits)} … ${q3.toFixed(digits)})`;

const folder = new URL("parts/", import.meta.url);
const files = readdirSync(folder).filter((name) => only.includes(name.split("-")[0]));
const parts = await Promise.all(
  files.map(async (name) => ({ name, ...(await import(new URL(name, folder))) })),
);

const needsOthers = parts.some(({ name }) => /^[13]-/.test(name));
if (needsOthers && !existsSync(new URL("others/node_modules", import.meta.url))) {
  tell("Installing what it needs of others (700 MB), in bench/others …");
  const cwd = fileURLToPath(new URL("others", import.meta.url));
  try {
    // Not `npm ci`, which wants the lock to name every platform's binaries, also those of packages
    // so new that not all have been published.
    execFileSync("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"], {
      // On an older Node npm leaves out what is optional and asks for a newer.
      env: {
        ...process.env,
        PATH: [path.dirname(newerNode()), process.env.PATH].join(path.delimiter),
      },
      ...{ cwd, shell: process.platform === "win32" },
      stdio: "inherit",
    });
  } catch (error) {
    // What is missing makes its row say so.
    tell(`  ${error.message}`);
  }
}

const machine = thisMachine();
const results = { takenAt: new Date().toISOString(), machine, pairs };
const { cpu, cores, memoryGB, system, node } = machine;
tell(`${cpu}, ${cores} cores, ${memoryGB} GB, ${system}, Node.js ${node}`);
tell(dim("Medians of interleaved rounds, and between what half of the values lie."));

for (const { name, title, minutes, measure, tables } of parts) {
  const key = name.replace(/^\d-|\.mjs$/g, "");
  tell(`\n${name[0]}. ${title}: about ${minutes(pairs)} minutes`);
  results[key] = await measure({ pairs, say: progress });
  section(title, ...tables(results[key], { table, ms, spread }));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
}
section(
  "What it is held to",
  ...table(
    ["", "at most", "is", ""],
    goals(results).map(({ what, atMost, is, unit }) => [
      what,
      `${atMost} ${unit}`,
      `${is.toFixed(2)} ${unit}`,
      is <= atMost ? "holds" : "DOES NOT HOLD",
    ]),
  ),
);
