// `node bench/readme.mjs [results.json]`: writes the README's comparison anew, under the picture and
// between its marks
// `<!-- bench -->` and `<!-- /bench -->`.
import { readFileSync, writeFileSync } from "node:fs";
import { endpoints, wording } from "./machine.mjs";
import { duration, LIMIT_MS } from "./measure.mjs";

const file = process.argv[2] ?? new URL("results.json", import.meta.url);
const { builds, machine, pairs, takenAt } = JSON.parse(readFileSync(file, "utf8"));

const row = (...cells) => `| ${cells.join(" | ")} |`;
const cell = ({ median, isOver }) =>
  isOver ? `over ${LIMIT_MS / 1000} s` : `${median < 0 ? "" : "+"}${duration(median)}`;
const { cpu, cores, node } = machine;
const table = [
  "![what telemetry adds to a build, by what the endpoint does](docs/bench.svg)",
  "",
  row("a build takes longer by", ...endpoints.map((endpoint) => wording[endpoint])),
  row("---", ...endpoints.map(() => "---")),
  ...builds
    .filter(({ added }) => added)
    .map(({ name, added }) => row(name, ...endpoints.map((endpoint) => cell(added[endpoint])))),
  row("a bare `spawn` of Node, beside sendoff's", ...endpoints.map(() => cell(builds[0].bare))),
  "",
  `Medians; sendoff's of ${pairs} interleaved rounds, the others' of ${roundsOfPeers()}. ${cpu},`,
  `${cores} cores, Node.js ${node}, ${takenAt.slice(0, 10)}.`,
];

function roundsOfPeers() {
  const counts = builds.slice(1).flatMap(({ plain }) => (plain ? [plain.n] : []));
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}

const readme = new URL("../README.md", import.meta.url);
const before = readFileSync(readme, "utf8");
const between = /(?<=<!-- bench -->\n).*?(?=<!-- \/bench -->)/s;
if (!between.test(before)) throw new Error("README.md has no place for it: <!-- bench -->");
writeFileSync(
  readme,
  before.replace(between, () => `${table.join("\n")}\n`),
);
