import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { startPlace } from "../machine.mjs";
import { parts, rounds, run, summary } from "../measure.mjs";

export const title = "In the build's process";
export const minutes = (pairs) => Math.ceil(pairs / 10) + 1;

const root = new URL("../../", import.meta.url);
const inBench = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const memories = [50, 1000];

/** Milliseconds; `record` in microseconds an event. */
export async function measure({ pairs, say }) {
  return {
    imports: await imports(pairs, say),
    record: await record(say),
    flush: await flush(pairs, say),
  };
}

/** A fresh process each, in which the module loader has run and nothing else. */
async function imports(pairs, say) {
  const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
  const { resolve } = createRequire(import.meta.url);
  const entries = Object.keys(exports).filter((name) => exports[name].import);
  const files = {
    "an empty file": { import: inBench("empty.mjs"), require: inBench("empty.cjs") },
    // What Node takes.
    ...Object.fromEntries(
      entries
        .map((name) => name.replace(/^\./, "sendoff"))
        .map((entry) => [
          entry,
          { import: fileURLToPath(import.meta.resolve(entry)), require: resolve(entry) },
        ]),
    ),
  };
  const env = process.env;
  const time = async (kind, file) => {
    const { stdout } = await run([process.execPath, inBench(`time-${kind}`), file], { env });
    return Number(stdout);
  };
  const found = {};
  for (const [name, target] of Object.entries(files)) {
    const variants = {
      import: () => time("import.mjs", target.import),
      require: () => time("require.cjs", target.require),
    };
    const times = await rounds(pairs, variants, (what) => say(`${name}, ${what}`));
    found[name] = { import: summary(times.import), require: summary(times.require) };
  }
  return found;
}

async function record(say) {
  say("record");
  const command = [process.execPath, inBench("record.mjs"), "--json"];
  const { stdout } = await run(command, { env: process.env });
  return JSON.parse(stdout);
}

/** Flush and exit hook together, beside the bare write, rename and start of a process. */
async function flush(pairs, say) {
  const build = async (mode, megabytes) => {
    const place = await startPlace();
    const command = [process.execPath, inBench("small-build.mjs"), mode, megabytes, "1"];
    try {
      const { stdout } = await run(command.map(String), { env: place.env });
      await place.endSender();
      const { write, spawn } = JSON.parse(stdout);
      return { write, spawn, together: write + spawn };
    } finally {
      await place.remove();
    }
  };
  const found = {};
  for (const megabytes of memories) {
    const variants = Object.fromEntries(
      ["sendoff", "bare"].map((mode) => [mode, () => build(mode, megabytes)]),
    );
    const both = await rounds(pairs, variants, (what) => say(`${megabytes} MB, ${what}`));
    found[megabytes] = { sendoff: parts(both.sendoff), bare: parts(both.bare) };
  }
  return found;
}

export function tables({ imports, record, flush }, { table, spread }) {
  return [
    ...table(
      ["loading, ms", "import", "require"],
      Object.entries(imports).map(([name, kinds]) => [
        name,
        spread(kinds.import, 2),
        spread(kinds.require, 2),
      ]),
    ),
    "",
    ...table(
      ["record, µs", "validate", "and queue", "first 10,000"],
      Object.entries(record).map(([name, { validated, queued, cold }]) => [
        name,
        ...[validated, queued, cold].map((value) => value.toFixed(2)),
      ]),
    ),
    "",
    ...table(
      ["flush and exit hook, ms", "write", "start of a process", "together"],
      Object.entries(flush).flatMap(([megabytes, modes]) =>
        Object.entries(modes).map(([mode, { write, spawn, together }]) => [
          `${mode}, at ${megabytes} MB`,
          ...[write, spawn, together].map((value) => spread(value, 2)),
        ]),
      ),
    ),
  ];
}
