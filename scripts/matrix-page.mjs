// Writes docs/matrix.md from the results of tests: `node scripts/matrix-page.mjs [--check]`.
//
// Each file in test/matrix/results is a list of rows, and each row what one run of tests has shown:
//
//   bundler  "webpack", …; or "" for a row about the runtime alone
//   version  the bundler's, "5.112.2"
//   runtime  "Node.js 20", "Bun 1.3", "Deno 2.5", …; with the system if it isn't Linux
//   works    of "one-off", "outputs", "watch", "fails-resolving", "fails-parsing",
//            "fails-writing", "fails-last": those that passed
//   tried    optional: which of those were tried; all, unless it is given. Rows with it are told by
//            runtime
//   leftOut  fields of the event that aren't told there, as ["modulesCount"]
//   note     optional: what doesn't work, and why
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("..", import.meta.url);
const results = new URL("test/matrix/results/", root);
const page = new URL("docs/matrix.md", root);

const rows = readdirSync(results)
  .sort()
  .flatMap((file) => JSON.parse(readFileSync(new URL(file, results), "utf8")));

const columns = [
  ["one-off", ["one-off"]],
  ["several outputs", ["outputs"]],
  ["watch", ["watch"]],
  ["failure", ["fails-resolving", "fails-parsing", "fails-writing", "fails-last"]],
];

function cells({ bundler, version, runtime, works, leftOut = [], note = "" }) {
  const shown = columns.map(([, builds]) => {
    const passed = builds.filter((build) => works.includes(build)).length;
    if (passed === builds.length) return "yes";
    return passed === 0 ? "no" : `${passed} of ${builds.length}`;
  });
  return [bundler, version, runtime, ...shown, leftOut.join(", "), note];
}

/** A line a runtime: which bundlers' builds were delivered there. */
function runtimeTable() {
  const tried = rows.filter((row) => row.tried);
  const bundlers = [...new Set(tried.map(({ bundler }) => bundler))].sort();
  const works = (runtime, bundler) => {
    const row = tried.find((it) => it.runtime === runtime && it.bundler === bundler);
    if (!row) return "–";
    return row.works.length === row.tried.length ? "yes" : "no";
  };
  const runtimes = [...new Set(tried.map(({ runtime }) => runtime))].sort();
  return table(
    ["runtime", ...bundlers],
    runtimes.map((runtime) => [runtime, ...bundlers.map((bundler) => works(runtime, bundler))]),
  );
}

const table = (head, lines) => [head, head.map(() => "---"), ...lines].map(line).join("\n");
const line = (row) => `| ${row.join(" | ")} |`;
const head = [
  "bundler",
  "version",
  "runtime",
  ...columns.map(([name]) => name),
  "left out",
  "note",
];
const text = `# What is shown to work where

Made by \`npm run docs:matrix\` from what tests have shown (\`npm run test:matrix\`). Each build ran as a
process, with and without telemetry: exit code, stdout, every output file and the options, as passed and
as the bundler took them, were the same, and there was one event.

- *several outputs*: webpack's and Rspack's MultiCompiler with a dependency, two esbuild builds at once,
  Rollup's and Rolldown's \`write\` called twice and \`close\` never, Vite's client and server.
- *watch*: the first build is the event, the next are counted.
- *failure*: a module that isn't there, a syntax error, a plugin that throws while the output is made,
  and one that throws in the last hook there is (\`closeBundle\`, \`done\`, \`onEnd\`).
- *left out*: fields that the bundler doesn't tell, or only in over a millisecond.
  [bundlers.md](bundlers.md) says why.

${table(head, rows.filter((row) => !row.tried).map(cells))}

## Other runtimes

The tarball is installed and builds (\`npm run test:platforms\`); the endpoint answers nothing until the
build is over, and the event arrives once it does. –: not tried. [runtimes.md](runtimes.md) says what is
different where.

${runtimeTable()}
`;

if (!process.argv.includes("--check")) writeFileSync(page, text);
else if (readFileSync(page, "utf8") !== text) {
  console.error(`${fileURLToPath(page)} isn't what the results say: npm run docs:matrix`);
  process.exitCode = 1;
}
