import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { TestContext } from "vitest";
import { packages } from "./project.ts";

/** Rows as those of test/matrix, for docs/matrix.md; of the kinds of builds one alone was tried. */
const rows: ({ bundler: string; version: string; runtime: string } & typeof works)[] = [];
const works = { tried: ["one-off"], works: ["one-off"] };
const fails = { ...works, works: [] };

export function keepRow(context: TestContext, bundler: string, runtime: string): void {
  const folder = path.join(packages, bundler === "rspack" ? "@rspack/core" : bundler);
  const { version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  context.onTestFinished(({ task }) => {
    rows.push({ bundler, version, runtime, ...(task.result?.state === "pass" ? works : fails) });
  });
}

/** Nothing where all tests were skipped. */
export function writeRows(name: string): void {
  if (rows.length === 0) return;
  const folder = path.join(import.meta.dirname, "..", "matrix", "results");
  mkdirSync(folder, { recursive: true });
  rows.sort((a, b) => (a.runtime + a.bundler < b.runtime + b.bundler ? -1 : 1));
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(rows, null, 2)}\n`);
}
