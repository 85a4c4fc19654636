import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildAgain } from "./build-again.ts";
import { exampleFolder, expectReadable, setUpCli } from "./cli-harness.ts";

/** The same words mean the same, whatever library parses the product's command line. */
describe.each(["commander", "yargs", "citty", "cac"])("mounted in %s", (library) => {
  const setUp = async () => {
    const cli = await setUpCli();
    const mounted = (words: string) =>
      cli.run(`mount-${library}.mjs`, ["telemetry", ...words.split(" ").filter(Boolean)]);
    return { ...cli, mounted };
  };

  it("options and exit codes arrive", async () => {
    const { mounted } = await setUp();
    expect(JSON.parse((await mounted("status --json")).stdout).state).toBe("on");
    expect((await mounted("nonsense")).exitCode).toBe(2);
    const wrong = await mounted("status --jsno");
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain("Unknown option '--jsno'");
    const page = await mounted("events --check=TELEMETRY.md");
    expect(page.stdout).toBe("TELEMETRY.md says what is sent.");
  });

  it("--help is the commands' own", async () => {
    const { mounted } = await setUp();
    expect((await mounted("--help")).stdout).toContain("Usage: acme telemetry COMMAND");
    const one = await mounted("disable --help");
    expect(one.stdout).toContain("Usage: acme telemetry disable");
    expect(one.exitCode).toBe(0);
  });

  it("try gets its command whole, with the options that are not ours", async () => {
    const { mounted, home } = await setUp();
    const trial = await mounted(
      `try --pairs 1 -- ${process.execPath} ../webpack/build.mjs --help --json`,
    );
    expect(trial.stdout).toContain("../webpack/build.mjs --help --json");
    expect(trial.exitCode).toBe(0);
    expect(home.files().filter((file) => file.startsWith("state/"))).toEqual([]);
  });
});

describe("the example's own CLI", () => {
  it("builds, is counted, and isn't with --no-telemetry", async () => {
    const { build: acmeBuild, home } = await setUpCli();
    await acmeBuild({}, "--no-telemetry");
    expect(home.files()).toEqual([]);
    const run = await acmeBuild();
    expect(run.stdout).toContain("index.js");
    expect(home.spool("acme")[0]?.batch?.content?.events[0]?.fields).toMatchObject({
      bundler: "esbuild",
      pagesCount: 1,
    });
  });
});

describe("bundled into one CommonJS file, as many products are", () => {
  it("the commands work, try with all that it brings along too", async () => {
    const { home, run } = await setUpCli();
    const outfile = path.join(home.path, "acme.cjs");
    const contents = `
      import { runTelemetryCommand } from "sendoff/cli";
      import { telemetry } from "../webpack/telemetry.mjs";
      runTelemetryCommand(telemetry, process.argv.slice(2)).then((code) => process.exit(code));`;
    await build({
      stdin: { contents, resolveDir: exampleFolder },
      ...{ bundle: true, platform: "node", format: "cjs", outfile, logLevel: "silent" },
      // What is published, instead of the sources that this repository's paths lead to.
      tsconfigRaw: {},
    });
    expect(readFileSync(outfile, "utf8")).not.toContain("reactToolsCount"); // Nothing of xmcp's.
    expect(JSON.parse((await run(outfile, ["status", "--json"])).stdout).state).toBe("on");
    const words = ["try", "--pairs", "1", "--", process.execPath, "../webpack/build.mjs"];
    const trial = await run(outfile, words);
    expect(trial.stdout).toContain("✓ It did not wait");
    expect(trial.exitCode).toBe(0);
  });
});

describe("what a build loads", () => {
  const room = mkdtempSync(path.join(realpathSync(tmpdir()), "sendoff-readable-"));
  let dist: string;
  // Told by comments, which the published files don't have.
  beforeAll(async () => {
    dist = await buildAgain(room, "--no-minify");
  }, 300_000);
  afterAll(() => rmSync(room, { recursive: true }));

  function modulesOf(...entries: string[]): string[] {
    const loaded = entries.map((entry) => path.join(dist, `${entry}.mjs`));
    for (const file of loaded) {
      const [...imports] = readFileSync(file, "utf8").matchAll(/\b(?:from|import) ?"(\.[^"]+)"/g);
      const files = imports.map(([, name]) => path.join(path.dirname(file), name as string));
      loaded.push(...files.filter((other) => !loaded.includes(other)));
    }
    return loaded.flatMap((file) =>
      Array.from(readFileSync(file, "utf8").matchAll(/^\/\/#region (src\/.*)/gm), ([, name]) =>
        String(name),
      ),
    );
  }

  const foreign = /^src\/(cli|flush|sink|testing)\/|json-schema|markdown|describe-payload/;
  const late =
    /^src\/(tracker\/(ask|choose|tell|sample)|events\/error-type|spool\/(list|rollups))\.ts/;

  it.each(["index", "webpack", "esbuild", "xmcp"])("has nothing of the commands: %s", (entry) => {
    const modules = modulesOf(entry);
    expect(modules).toContain("src/tracker/tracker.ts");
    expect(modules.filter((name) => foreign.test(name))).toEqual([]);
    expect(modules.filter((name) => late.test(name))).toEqual([]);
  });

  it.each(["whole/index", "whole/webpack"])("is all at hand in a bundle: %s", (entry) => {
    const modules = modulesOf(entry);
    expect(modules).toContain("src/tracker/tracker.ts");
    expect(modules.filter((name) => late.test(name))).toHaveLength(7);
    expect(modules.filter((name) => foreign.test(name))).toEqual([]);
    // No code twice.
    expect(modules.length).toBe(new Set(modules).size);
  });
});

describe("sendoff", () => {
  it("takes --name anywhere before the command of a trial", async () => {
    const { bin } = await setUpCli();
    for (const words of [
      ["--name", "acme", "status"],
      ["status", "--name=acme"],
    ]) {
      expect((await bin(words)).stdout).toContain("acme telemetry is on");
    }
    const help = await bin(["try", "--help", "--name", "acme"]);
    expect(help.stdout).toContain("npx sendoff try [--pairs N] --name acme -- COMMAND");
  });

  it.each([[[]], [["status"]], [["status", "--from"]], [["status", "--name", "../evil"]]])(
    "says how it is used where the name is missing or none: %j",
    async (words) => {
      const { bin } = await setUpCli();
      const run = await bin(words);
      expect(run.exitCode).toBe(2);
      expect(run.stderr).toContain("Usage: sendoff COMMAND --name PRODUCT");
    },
  );

  it.each([["--help"], ["help"], ["-h"]])(
    "lists its commands to whoever names no product: %s",
    async (word) => {
      const { bin } = await setUpCli();
      const run = await bin([word]);
      expect(run.exitCode).toBe(0);
      expect(run.stdout).toContain("Usage: npx sendoff COMMAND --name PRODUCT");
      expect(run.stdout).toMatch(/^ +disable /m);
    },
  );

  it.each([[["help", "disable"]], [["disable", "--help"]]])(
    "explains one of them: %j",
    async (words) => {
      const { bin } = await setUpCli();
      const run = await bin(words);
      expect(run.exitCode).toBe(0);
      expect(run.stdout).toContain("Usage: npx sendoff disable");
      expect(run.stdout).toContain("--name PRODUCT");
    },
  );

  it("finds a tracker in a CommonJS module whose names Node can't tell", async () => {
    const { bin, home } = await setUpCli();
    const file = path.join(home.path, "telemetry.cjs");
    const main = fileURLToPath(new URL("../../dist/index.mjs", import.meta.url));
    writeFileSync(
      file,
      `const { createTelemetry, defineEvents, buildEvents } = require(${JSON.stringify(main)});
       const all = {};
       all["tele" + "metry"] = createTelemetry({
         name: "acme", version: "1.1.3", endpoint: "https://telemetry.acme.invalid/v1/events",
         events: defineEvents({ ...buildEvents }),
       });
       module.exports = all;`,
    );
    expect((await bin(["status", "--from", file])).stdout).toContain("acme telemetry is on");
  });

  it.each([
    ["missing.mjs", undefined, "There is no file : check"],
    ["broken.mjs", "export const = 1;", " can't be loaded. Unexpected token"],
    ["telemetry.mts", "export enum Typed { A }", " can't be loaded. "],
  ])("says what is wrong with a module that it can't load: %s", async (name, text, says) => {
    const { bin, home } = await setUpCli();
    const file = path.join(home.path, name);
    if (text !== undefined) writeFileSync(file, text);
    const run = await bin(["status", "--from", file]);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(file);
    expect(run.stderr.replace(file, "")).toContain(says);
  });

  it("knows of xmcp what the preset knows", async () => {
    const { bin, home } = await setUpCli();
    const file = path.join(home.env.HOME as string, ".config", "xmcp", "telemetry.json");
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '{ "telemetry.enabled": false }');
    const status = JSON.parse((await bin(["status", "--json", "--name", "xmcp"])).stdout);
    expect(status).toMatchObject({ state: "off", row: 9 });
    const enabled = await bin(["enable", "--name", "xmcp"]);
    expect(enabled.stdout).toContain("is off here all the same: the preferences say off");
    expect(enabled.stdout).toContain(".config/xmcp/telemetry.json");
    expectReadable(enabled);
    expect((await bin(["events", "--name", "xmcp"])).stdout).toContain("reactToolsCount");
  });

  it("ends quietly when whoever reads has seen enough, in a product's CLI too", async () => {
    const { acme, bin } = await setUpCli();
    const whole = await bin(["events", "--name", "xmcp"]);
    expect(whole.stdout.split("\n").length).toBeGreaterThan(50);
    for (const child of [
      bin(["events", "--json-schema", "--name", "xmcp"]),
      acme("events --json-schema"),
    ]) {
      child.stdout.destroy();
      expect(await child).toMatchObject({ stderr: "", exitCode: 0 });
    }
  });
});
