// `node bench/picture.mjs [results.json]`: docs/bench.svg, the README's picture of the benchmark.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { endpoints, wording } from "./machine.mjs";
import { duration, LIMIT_MS } from "./measure.mjs";

// What it draws with is the benchmark's own, and not installed for anything else.
const { resolve } = createRequire(new URL("others/package.json", import.meta.url));
const load = (name) => import(pathToFileURL(resolve(name)).href);
const [Plot, { parseHTML }] = await Promise.all([load("@observablehq/plot"), load("linkedom")]);

const file = process.argv[2] ?? new URL("results.json", import.meta.url);
const { builds, machine } = JSON.parse(readFileSync(file, "utf8"));
const bars = builds
  .filter(({ added }) => added)
  .flatMap(({ name, added }) =>
    endpoints.map((endpoint) => {
      const { median, isOver } = added[endpoint];
      return {
        ...{ name, endpoint: wording[endpoint], isOurs: name.startsWith("sendoff") },
        seconds: Math.min(Math.max(0, median), LIMIT_MS) / 1000,
        text: isOver ? `over ${LIMIT_MS / 1000} s` : duration(median),
      };
    }),
  );

const names = [...new Set(bars.map(({ name }) => name))];
const rows = { y: "endpoint", fy: "name" };
const [ours, theirs] = [true, false].map((isOurs) => bars.filter((bar) => bar.isOurs === isOurs));

const svg = Plot.plot({
  document: parseHTML("<html></html>").document,
  ...{ width: 820, height: 24 + bars.length * 18 + names.length * 8 },
  ...{ marginLeft: 310, marginRight: 70, marginTop: 20, marginBottom: 4 },
  // Square roots: milliseconds and half a minute in one picture.
  x: { type: "sqrt", axis: null },
  y: { axis: null, domain: endpoints.map((name) => wording[name]) },
  fy: { axis: null, domain: names, padding: 0.1 },
  marks: [
    Plot.barX(ours, { ...rows, x: "seconds", fill: "var(--ours)", insetTop: 2, insetBottom: 2 }),
    Plot.barX(theirs, {
      ...rows,
      x: "seconds",
      fill: "var(--theirs)",
      insetTop: 2,
      insetBottom: 2,
    }),
    Plot.text(bars, { ...rows, x: 0, text: "endpoint", textAnchor: "end", dx: -8 }),
    Plot.text(bars, { ...rows, x: "seconds", text: "text", textAnchor: "start", dx: 5 }),
    Plot.text(names, {
      ...{ fy: (name) => name, text: (name) => name, frameAnchor: "top-left" },
      ...{ dx: -305, dy: 3, fontWeight: 600, lineAnchor: "top" },
    }),
  ],
});
const title = `What telemetry adds to a build, by what the endpoint does (${machine.cpu}, ${machine.cores} cores, Node.js ${machine.node})`;
const head = `<title>${title}</title><style>
  svg { color: #1f2328; --ours: #1a7f37; --theirs: #8c959f; font: 12px system-ui, sans-serif }
  @media (prefers-color-scheme: dark) { svg { color: #e6edf3; --ours: #3fb950; --theirs: #6e7681 } }
</style><text x="5" y="12" text-anchor="start" fill="currentColor">${title}</text>`;
// Plot's own style is for pages: it has a background of its own.
const text = svg.outerHTML
  .replace(/<style>.*?<\/style>/s, head)
  .replace(/^<svg/, '<svg xmlns="http://www.w3.org/2000/svg"');
writeFileSync(new URL("../docs/bench.svg", import.meta.url), `${text}\n`);
