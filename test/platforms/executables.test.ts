import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixture, senderGone, setUp } from "../e2e/harness.ts";
import { buildSingleFile } from "../e2e/single-file.ts";
import { answersLater, installedProject, remove } from "./project.ts";
import { bun, nodes, problemOf } from "./runtimes.ts";

/** Apps in which the runtime and the sender are one file. */

let room: string;
let project: string;
beforeAll(async () => {
  ({ project, folder: room } = await installedProject());
});
afterAll(() => remove(room));

const define = { "process.env.CALLS_FIRST": "true" };

async function compileWithBun(folder: string): Promise<string> {
  const file = path.join(folder, "acme");
  const defines = Object.entries(define).flatMap(([name, value]) => [
    "--define",
    `${name}=${value}`,
  ]);
  const args = ["build", "--compile", ...defines, "--outfile", file, "embedded.mjs"];
  await execa(bun.file, args, { cwd: project });
  return file;
}

// One at a time: while one of 100 MB is made, nobody answers another.
describe("a single-file executable that calls runSenderIfAsked()", () => {
  const kinds = [
    ...nodes.map(({ title, file }) => ({
      title,
      file,
      make: (folder: string) => buildSingleFile(fixture("embedded.mjs"), define, folder, file),
    })),
    { title: "bun build --compile", file: bun.file, make: compileWithBun },
  ];
  it.for(kinds)("delivers: $title", async ({ file, make }, context) => {
    const problem = problemOf(file);
    context.skip(problem !== undefined, problem);
    const { env, home, receiver } = await setUp(context);
    const answer = answersLater(receiver);
    const app = await make(home.path);
    const starts = path.join(home.path, "starts");
    const run = await execa(app, ["with", "arguments"], {
      env: { ...env, CI: "true", STARTS: starts },
      extendEnv: false,
      reject: false,
    });
    expect(run).toMatchObject({ exitCode: 0, stdout: "built with arguments" });
    await receiver.waitForRequests(1);
    answer();
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(1);
    expect(home.spool("acme")).toEqual([]);
    // The app, and the same as the sender.
    expect(readFileSync(starts, "utf8")).toBe("started\n".repeat(2));
  });
});
