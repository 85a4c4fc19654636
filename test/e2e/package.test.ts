import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { execa } from "execa";
import { expectEvent, isolatedHome, startReceiver } from "sendoff/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundler, bundlers } from "../fixtures/package/bundlers.ts";
import { buildAgain } from "./build-again.ts";
import { fixture, processesIn, senderGone } from "./harness.ts";

/** What `npm pack` makes, in projects that have nothing else. */

const require = createRequire(import.meta.url);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const room = mkdtempSync(path.join(realpathSync(tmpdir()), "sendoff-package-"));
/** Where nobody finds a `node_modules`, for bundles to run in. */
const elsewhere = mkdtempSync(path.join(realpathSync(tmpdir()), "elsewhere-"));
const project = path.join(room, "project");
const installed = path.join(project, "node_modules", "sendoff");

interface Tarball {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}
let tarball: Tarball;

beforeAll(async () => {
  const toRoom = ["--json", "--ignore-scripts", "--pack-destination", room];
  const pack = await npm(repository, "pack", ...toRoom);
  [tarball] = JSON.parse(pack.stdout) as [Tarball];
  mkdirSync(project);
  const acme = { name: "acme", version: "1.1.3", private: true };
  writeFileSync(path.join(project, "package.json"), JSON.stringify(acme));
  expect(() => createRequire(path.join(elsewhere, "cli.js")).resolve("sendoff")).toThrow();
  const flags = ["--offline", "--prefer-offline", "--no-audit", "--no-fund", "--save-dev"];
  await npm(project, "install", ...flags, path.join(room, tarball.filename));
  for (const folder of ["product", "types", "webpack"]) {
    cpSync(fixture(`package/${folder}`), project, { recursive: true });
  }
});

afterAll(() => {
  for (const folder of [room, elsewhere]) rmSync(folder, { recursive: true, force: true });
});

describe("the tarball", () => {
  it("installs one package, and no other", () => {
    const lock = readFileSync(path.join(project, "node_modules", ".package-lock.json"), "utf8");
    expect(Object.keys(JSON.parse(lock).packages)).toEqual(["node_modules/sendoff"]);
  });

  it("has the licence and the notices in it, and neither sources, tests nor source maps", () => {
    const files = tarball.files.map((file) => file.path);
    const [packed, unpacked] = [tarball.size, tarball.unpackedSize].map(kilobytes);
    console.log(`${files.length} files, ${packed} packed, ${unpacked} unpacked`);
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "dist/THIRD-PARTY-NOTICES.txt"]));
    const unwanted = /\.map$|\.test\.|(?<!\.d)\.[cm]?ts$|^(src|test)\//;
    expect(files.filter((file) => unwanted.test(file))).toEqual([]);
  });

  it("says nowhere where it was made", () => {
    expect(filesNaming(repository, installed)).toEqual([]);
  });
});

describe("the published files", () => {
  const name = "are the same, byte for byte, when somebody builds them again elsewhere";
  it(name, { timeout: 300_000 }, async () => {
    const dist = await buildAgain(path.join(room, "again"));
    expect(contentOf(dist)).toEqual(contentOf(path.join(repository, "dist")));
  });
});

describe.concurrent("a webpack build in which sendoff is installed", () => {
  it.each([
    ["cjs", []],
    ["mjs", []],
    // Without that condition Node takes what bundlers do.
    ["mjs", ["--no-addons"]],
  ])("shows the notice, then delivers: webpack.config.%s %s", async (kind, flags) => {
    await using place = await setUp();
    const words = [...flags, `build.${kind}`, require.resolve("webpack")];
    const build = () => place.run(project, words);
    const [first, second] = [await build(), await build()];
    expect(first).toMatchObject({ exitCode: 0, stdout: "built" });
    expect(first.stderr).toContain("acme collects anonymous build telemetry");
    expect(second).toMatchObject({ exitCode: 0, stdout: "built", stderr: "" });
    const events = await place.receiver.waitForEvents(2);
    expect(events).toHaveLength(2);
    expectEvent(events, { eventName: "build:completed", fields: { bundler: "webpack" } });
  });
});

describe.concurrent.each(bundlers.map((bundler) => [bundler.title, bundler] as const))(
  "a product bundled with %s, with no node_modules around",
  (_, bundler) => {
    it("delivers, given the path of the sender beside it", async () => {
      const cli = await bundled(bundler, { cli: byPath(bundler), sender: "sendoff/sender" });
      await expectDelivery([cli]);
    });

    it("delivers, with the sender found by its name, whatever file was started", async () => {
      const cli = await bundled(bundler, { cli: "./by-name.js", "sendoff-sender": "./send.js" });
      // Some tools switch stack traces off, and from one the bundle learns where it lies.
      const start = `Error.stackTraceLimit = 0; import(${JSON.stringify(pathToFileURL(cli))})`;
      await expectDelivery(["-e", start]);
    });

    it("shows the notice in its first run", async () => {
      const cli = await bundled(bundler, { cli: byPath(bundler), sender: "sendoff/sender" });
      await using place = await setUp();
      const run = await place.run(elsewhere, [cli]);
      expect(run).toMatchObject({ exitCode: 0, stdout: "built" });
      expect(run.stderr).toContain("acme collects anonymous build telemetry");
    });

    it("runs and keeps the batch, where no sender was bundled", async () => {
      await expectKept(await bundled(bundler, { cli: "./by-name.js" }));
    });

    it("runs and keeps the batch, where none is at the path", async () => {
      await expectKept(await bundled(bundler, { cli: byPath(bundler) }));
    });
  },
);

describe.concurrent("the types", () => {
  it.each([
    ["nodenext", "nodenext", ["consumer.mts", "consumer.cts"]],
    ["bundler", "preserve", ["consumer.mts"]],
  ])("fit a TypeScript project that resolves as %s", async (moduleResolution, module, files) => {
    const config = `tsconfig.${moduleResolution}.json`;
    const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false };
    const compilerOptions = { ...strict, moduleResolution, module, target: "es2023", noEmit: true };
    writeFileSync(path.join(project, config), JSON.stringify({ compilerOptions, files }));
    const tsc = await node(project, [require.resolve("typescript/bin/tsc"), "-p", config]);
    expect(tsc).toMatchObject({ stdout: "", exitCode: 0 });
  });
});

/** A product that passes `sender`, called what the bundler calls it. */
const byPath = ({ extension }: Bundler) => `./by-path-${extension}.js`;

/** Returns the CLI's path, in a folder of its own that was made in the project and copied away. */
async function bundled(bundler: Bundler, entries: Record<string, string>): Promise<string> {
  const folder = mkdtempSync(path.join(project, "out-"));
  await bundler.bundle({ project, entries, folder });
  const written = Object.keys(entries).map((name) => `${name}.${bundler.extension}`);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(written));
  expect([...filesNaming(room, folder), ...filesNaming(repository, folder)]).toEqual([]);
  const copy = path.join(elsewhere, path.basename(folder));
  cpSync(folder, copy, { recursive: true });
  return path.join(copy, `cli.${bundler.extension}`);
}

async function expectDelivery(args: string[]) {
  await using place = await setUp(inCI);
  expect(await place.run(elsewhere, args)).toMatchObject({ exitCode: 0, stdout: "built" });
  await place.receiver.waitForEvents(1);
  expectEvent(place.receiver, { eventName: "build:completed", fields: { duration: 1235 } });
}

async function expectKept(cli: string) {
  await using place = await setUp(inCI);
  expect(await place.run(elsewhere, [cli])).toMatchObject({ exitCode: 0, stdout: "built" });
  expect(processesIn(place.home.path)).toEqual([]);
  expectEvent(place.home.spool("acme"), { eventName: "build:completed" });
  const debugged = await place.run(elsewhere, [cli], { ACME_DEBUG_TELEMETRY: "1" });
  expect(debugged).toMatchObject({ exitCode: 0, stdout: "built" });
  expect(debugged.stderr).toContain("sendoff/sender was not found");
  expect(place.home.spool("acme")).toHaveLength(2);
  expect(place.receiver.connections).toBe(0);
}

/** There a first run sends at once. */
const inCI = { CI: "true" };

async function setUp(variables: Record<string, string> = {}) {
  const receiver = await startReceiver();
  const home = isolatedHome({ env: { ...variables, ACME_TELEMETRY_ENDPOINT: receiver.url } });
  return {
    home,
    receiver,
    run: (cwd: string, args: string[], env: Record<string, string> = {}) =>
      node(cwd, args, { ...home.env, ...env }),
    async [Symbol.asyncDispose]() {
      await receiver.stop();
      await senderGone(home.path);
      home.remove();
    },
  };
}

/** Of the files in a folder, those that have this path in them. */
function filesNaming(place: string, folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file, "utf8").includes(path.join(place, path.sep)));
}

/** Every file below a folder, by its name. */
function contentOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [path.relative(folder, file), readFileSync(file, "utf8")]),
  );
}

const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;

function node(cwd: string, args: string[], env: Record<string, string> = {}) {
  return execa(process.execPath, args, { cwd, env, extendEnv: false, reject: false });
}

/** Without this machine's settings, caches and registries. */
function npm(cwd: string, ...args: string[]) {
  const { PATH = "" } = process.env;
  const env = { PATH, HOME: path.join(room, "home"), npm_config_update_notifier: "false" };
  return execa("npm", args, { cwd, env, extendEnv: false });
}
