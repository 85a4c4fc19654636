import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import type { Answer } from "sendoff/testing";
import { describe, expect, it } from "vitest";
import { fixture, processesIn, senderGone, setUp } from "./harness.ts";

/**
 * A sender asks again, before each request and each write. Here somebody chooses while a request is
 * under way: when the collector has it, and has not answered yet.
 */

async function setUpSender() {
  const place = await setUp();
  const { env, home, receiver } = place;
  const project = path.join(home.path, "project");
  const old = path.join(home.path, "old.json");
  mkdirSync(project);
  writeFileSync(path.join(project, "package.json"), "{}");
  home.writePreferences("acme");
  const product = (options: object = {}) => {
    const alsoRead = [{ file: old, format: "nested" }];
    const all = JSON.stringify({ firstRun: "send", preferences: { alsoRead }, ...options });
    const command = [fixture("consent-product.mjs"), all];
    return execa(process.execPath, command, { cwd: project, env, extendEnv: false });
  };
  return {
    ...place,
    product,
    choose: (choice: boolean | "local") => product({ choose: choice }),
    optOutElsewhere: () => writeFileSync(old, '{ "telemetry": { "enabled": false } }'),
    optOutInProject: () =>
      writeFileSync(path.join(project, "package.json"), '{ "acme": { "telemetry": false } }'),
    state: (file: string) => path.join(home.stateFolder("acme"), file),
    /**
     * A build whose first request is answered once `act` is done. Returns what lay in the home then,
     * and once the sender is gone.
     */
    async buildWhile(act: () => unknown, answer: Answer) {
      const acted = new Promise<Map<string, string>>((resolve, reject) => {
        receiver.behave(async (_request, i) => {
          if (i > 0) return "accept";
          try {
            await act();
            resolve(contents(home));
          } catch (error) {
            reject(error);
          }
          return answer;
        });
      });
      const [before] = await Promise.all([acted, product()]);
      await senderGone(home.path);
      return { before, afterwards: contents(home) };
    },
  };
}

function contents({ path: root, files }: { path: string; files(): string[] }): Map<string, string> {
  return new Map(files().map((file) => [file, readFileSync(path.join(root, file), "utf8")]));
}

const answers: [what: string, answer: Answer][] = [
  ["taken", { status: 202 }],
  ["to be tried again", { status: 503 }],
  ["to be tried much later", { status: 503, headers: { "retry-after": "3600" } }],
  ["the last that is wanted", { status: 410 }],
  ["too large", { status: 413 }],
];

describe("an opt-out while a request is under way that is answered as", () => {
  it.each(answers)("%s: nothing is sent or written afterwards", async (_, answer) => {
    const { buildWhile, choose, home, receiver } = await setUpSender();
    const { before, afterwards } = await buildWhile(() => choose(false), answer);
    expect(receiver.requests).toHaveLength(1);
    expect(home.spool("acme")).toEqual([]);
    for (const [file, content] of afterwards) expect(before.get(file)).toBe(content);
    const names = [...afterwards.keys()].map((file) => path.basename(file));
    expect(names).not.toContain("sent.jsonl");
    expect(names).not.toContain("stopped.json");
  });
});

describe("while a sender works", () => {
  it("an opt-out made with another version of the product deletes what waits", async () => {
    const { buildWhile, home, optOutElsewhere, receiver } = await setUpSender();
    const { afterwards } = await buildWhile(optOutElsewhere, { status: 503 });
    expect(receiver.requests).toHaveLength(1);
    expect(home.spool("acme")).toEqual([]);
    expect([...afterwards.keys()].some((file) => file.endsWith("sent.jsonl"))).toBe(false);
  });

  it("an opt-out of the project stops it, and what waits stays", async () => {
    const { buildWhile, home, optOutInProject, receiver } = await setUpSender();
    await buildWhile(optOutInProject, { status: 503 });
    expect(receiver.requests).toHaveLength(1);
    expect(home.spool("acme")).toHaveLength(1);
  });

  it("preferences that can't be read any more stop it, and what waits stays", async () => {
    const { buildWhile, home, receiver } = await setUpSender();
    const tear = () => writeFileSync(home.preferencesFile("acme"), "{");
    await buildWhile(tear, { status: 503 });
    expect(receiver.requests).toHaveLength(1);
    expect(home.spool("acme")).toHaveLength(1);
  });

  it("choosing to keep it here stops it, and the next build starts none", async () => {
    const { buildWhile, choose, home, product, receiver } = await setUpSender();
    await buildWhile(() => choose("local"), { status: 503 });
    await product();
    expect(processesIn(home.path)).toEqual([]);
    expect(receiver.requests).toHaveLength(1);
    expect(home.spool("acme")).toHaveLength(1);
  });
});
