import { existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { expectReadable, setUpCli } from "./cli-harness.ts";
import { processesIn } from "./harness.ts";

describe("try", () => {
  it.each([
    ["the webpack example, by name", "webpack", ["--name", "acme"]],
    ["the framework example", "framework", []],
  ])("shows the notice, the payload and the comparison: %s", async (_, kind, name) => {
    const { bin, home, receiver, run } = await setUpCli();
    const out = { ACME_EXAMPLE_OUT: path.join(home.path, "out") };
    const trial =
      kind === "webpack"
        ? await bin(
            ["try", "--pairs", "3", ...name, "--", process.execPath, "../webpack/build.mjs"],
            out,
          )
        : await run(
            "acme.mjs",
            ["telemetry", "try", "--pairs=3", "--", process.execPath, "acme.mjs", "build"],
            out,
          );
    expect(trial.stderr).toBe("");
    expect(trial.exitCode).toBe(0);
    const { stdout } = trial;
    expect(stdout).toMatch(/acme( \(Acme Ltd\))? collects anonymous build telemetry/);
    expect(stdout).toContain('"eventName": "build:completed"');
    expect(stdout).toContain('"duration"');
    expect(stdout).toContain("How long the build took, median of 3 pairs");
    expect(stdout).toMatch(/with telemetry +\d+ ms\n +without +\d+ ms\n +difference +[+-]?\d+ ms/);
    expect(stdout).toMatch(/request +came in \d+ ms (after|before) the end/);
    expect(stdout).toContain("✓ It did not wait: the endpoint never answered");
    expect(stdout).toContain("✓ It ended as it would have: exit code 0");
    expectReadable(trial);
    if (kind === "framework") expect(stdout).toContain("Sent to:   telemetry.acme.dev");
    // Nothing of it was in the home of whoever tried, or came to the endpoint that is set there.
    expect(home.files().filter((file) => !file.startsWith("out/"))).toEqual([]);
    expect(receiver.connections).toBe(0);
  });

  it("reports a build that fails, with its exit code", async () => {
    const { bin, home } = await setUpCli();
    const env = { ACME_EXAMPLE_BREAK: "1", ACME_EXAMPLE_OUT: path.join(home.path, "out") };
    const build = [process.execPath, "../webpack/build.mjs"];
    const trial = await bin(["try", "--pairs", "1", "--name", "acme", "--", ...build], env);
    expect(trial.stdout).toContain('"eventName": "build:failed"');
    expect(trial.stdout).toContain("exit code 1 with and without");
  });

  it("finds a build that waits for the endpoint", async () => {
    const { bin, home } = await setUpCli();
    // What a tool does that sends from the build's own process.
    const waiting = `
      import { telemetry } from "${path.resolve("examples/webpack/telemetry.mjs")}";
      telemetry.record({ eventName: "build:completed", fields: { success: true } }, true);
      telemetry.flushDetached("build");
      const url = process.env.ACME_TELEMETRY_ENDPOINT;
      if (process.env.ACME_TELEMETRY_DISABLED !== "1" && process.env.ACME_WAITS) {
        await fetch(url, { method: "POST", signal: AbortSignal.timeout(4000) }).catch(() => {});
      }`;
    const build = [process.execPath, "--input-type=module", "-e", waiting];
    const words = ["try", "--pairs", "1", "--name", "acme", "--", ...build];
    const honest = await bin(words);
    expect(honest.exitCode).toBe(0);
    const found = await bin(words, { ACME_WAITS: "1" });
    expect(found.exitCode).toBe(1);
    expect(found.stdout).toContain("✗ It waited for an endpoint that never answers.");
    expect(home.files()).toEqual([]);
  });

  it("shows what an opt-in product would send, once somebody has agreed", async () => {
    const { bin } = await setUpCli();
    const asking = `
      import { buildEvents, createTelemetry, defineEvents } from "${path.resolve("dist/index.mjs")}";
      const telemetry = createTelemetry({ name: "acme", version: "1.1.3", consent: "opt-in",
        endpoint: "https://telemetry.acme.invalid/", events: defineEvents({ ...buildEvents }) });
      telemetry.record({ eventName: "build:completed", fields: { success: true } }, true);
      telemetry.flushDetached("build");`;
    const build = [process.execPath, "--input-type=module", "-e", asking];
    const trial = await bin(["try", "--pairs", "1", "--name", "acme", "--", ...build]);
    expect(trial.stdout).toContain("after somebody has agreed");
    expect(trial.stdout).toContain('"eventName": "build:completed"');
    expect(trial.stdout, "one pair can't vary").toMatch(/difference +[-+]?\d+ ms\n/);
  });

  it.each([
    ["records nothing", [process.execPath, "-e", ""], 1, "This build recorded nothing for acme"],
    ["can't be started", ["no-such-command"], 1, "no-such-command was not found"],
  ])("says so where the command %s", async (_, command, code, words) => {
    const { bin } = await setUpCli();
    const trial = await bin(["try", "--name", "acme", "--", ...command]);
    expect(trial.exitCode).toBe(code);
    expect(trial.stderr).toContain(words);
    expectReadable(trial);
  });

  it("leaves no home and no process when it is interrupted", async () => {
    const { home, run } = await setUpCli();
    const temporary = path.join(home.path, "tmp");
    mkdirSync(temporary);
    const started = path.join(home.path, "started");
    const build = `require("fs").writeFileSync(${JSON.stringify(started)}, ""); setInterval(() => {}, 1000)`;
    const words = ["telemetry", "try", "--", process.execPath, "-e", build];
    const child = run("acme.mjs", words, { TMPDIR: temporary, TEMP: temporary, TMP: temporary });
    while (!existsSync(started)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(readdirSync(temporary)).toHaveLength(1);
    child.kill("SIGINT");
    const trial = await child;
    expect(trial.exitCode).toBe(1);
    expect(trial.stderr).toContain("Interrupted; nothing was left behind.");
    expect(readdirSync(temporary)).toEqual([]);
    expect(processesIn(home.path)).toEqual([]);
  });

  it("takes a command, and a number of pairs", async () => {
    const { acme } = await setUpCli();
    for (const words of ["try", "try --pairs 0 -- node build.mjs", "try --pears 3 -- node x"]) {
      const run = await acme(words);
      expect(run.exitCode).toBe(2);
      expect(run.stderr).toContain("See: acme telemetry try --help");
    }
  });
});
