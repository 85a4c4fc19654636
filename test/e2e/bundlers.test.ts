import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expectEvent, type IsolatedHome } from "sendoff/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { processesIn, senderGone, setUp } from "./harness.ts";

/** Real builds of the examples, as processes. */
describe.each<[string, { mode: string; missing: string; modules?: boolean }]>([
  ["webpack", { mode: "production", missing: "ModuleNotFoundError" }],
  ["rspack", { mode: "production", missing: "ModuleNotFoundError", modules: false }],
  ["esbuild", { mode: "production", missing: "ModuleNotFoundError" }],
  ["vite", { mode: "production", missing: "UNRESOLVED_IMPORT", modules: false }],
  ["rollup", { mode: "none", missing: "UNRESOLVED_IMPORT" }],
  ["rolldown", { mode: "none", missing: "UNRESOLVED_IMPORT", modules: false }],
])("a %s build", (bundler, { mode, missing, modules = true }) => {
  const script = (name: string) =>
    fileURLToPath(new URL(`../../examples/${bundler}/${name}`, import.meta.url));

  async function setUpBuild() {
    const place = await setUp();
    const build = (
      name: "build.mjs" | "build-plain.mjs",
      extra: Record<string, string> = {},
      ...args: string[]
    ) =>
      execa(process.execPath, [script(name), ...args], {
        env: { ...place.env, ACME_EXAMPLE_OUT: path.join(place.home.path, name), ...extra },
        extendEnv: false,
        reject: false,
      });
    return { ...place, build, out: (name: string) => contentOf(path.join(place.home.path, name)) };
  }

  it("has the same output, stdout and exit code with telemetry as without", async () => {
    const { build, home, out } = await setUpBuild();
    home.writePreferences("acme", {});
    const plain = await build("build-plain.mjs");
    const told = await build("build.mjs");
    expect(told.stdout).toBe(plain.stdout);
    expect(told.exitCode).toBe(0);
    expect(out("build.mjs")).toEqual(out("build-plain.mjs"));
    const second = await build("build.mjs");
    expect(second.stderr).toBe(plain.stderr);
  });

  it("is one event that says what the bundler knows", async () => {
    const { build, home, receiver } = await setUpBuild();
    await build("build.mjs");
    await build("build.mjs");
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(receiver.events).toHaveLength(2);
    const event = expectEvent(receiver, {
      eventName: "build:completed",
      fields: { success: true, bundler, mode, watch: false, productVersion: "1.1.3" },
    });
    expect(event.fields.duration).toBeGreaterThan(0);
    expect(event.fields.bundlerVersion).toMatch(/^\d+\.\d+\.\d+$/);
    expect(event.fields.outputSize).toBeGreaterThan(100);
    // Where they cost next to nothing to count.
    if (modules) expect(event.fields.modulesCount).toBeGreaterThan(1);
    else expect(event.fields).not.toHaveProperty("modulesCount");
  });

  it("that fails ends as it would, and names the phase and the class, never what is in the project", async () => {
    const { build, home, receiver } = await setUpBuild();
    await build("build.mjs");
    const broken = { ACME_EXAMPLE_BREAK: "1" };
    const plain = await build("build-plain.mjs", broken);
    const failed = await build("build.mjs", { ...broken, ACME_DEBUG_TELEMETRY: "1" });
    expect(failed.exitCode).toBe(1);
    expect(failed.exitCode).toBe(plain.exitCode);
    await receiver.waitForEvents(2);
    expectEvent(receiver, {
      eventName: "build:failed",
      fields: { success: false, errorPhase: "resolve", errorType: missing },
    });
    const shown = failed.stderr.split("\n").filter((line) => line.startsWith("[telemetry]"));
    const ours = home.files().filter((file) => !file.startsWith("build"));
    const left = ours.map((file) => readFileSync(path.join(home.path, file), "utf8"));
    const everything = [...receiver.requests.map(({ body }) => body), ...shown, ...left].join("\n");
    // What a developer sees of the failure, and nobody else does.
    expect(plain.stderr).toContain("discount");
    expect(plain.stderr).toContain("broken.js");
    for (const secret of ["discount", "broken", "src/", "resolve '", 'resolve \\"']) {
      expect(everything).not.toContain(secret);
    }
  });

  it("in watch mode records the first build and only counts the next ones", async () => {
    const { build, env, home, receiver } = await setUpBuild();
    await build("build.mjs"); // Shows the notice.
    const examples = copyOfExample(bundler);
    const watching = execa(
      process.execPath,
      [path.join(examples, bundler, "build.mjs"), "--watch"],
      {
        env: { ...env, ACME_EXAMPLE_OUT: path.join(home.path, "watched") },
        extendEnv: false,
        reject: false,
      },
    );
    await receiver.waitForEvents(2, { timeout: 20_000 });
    expectEvent(receiver, { eventName: "build:completed", fields: { watch: true } });
    const entry = path.join(examples, "app", "index.js");
    writeFileSync(entry, `${readFileSync(entry, "utf8")}\nconsole.log("changed");\n`);
    await expect.poll(() => countsIn(home), { timeout: 20_000 }).toContain("rebuild 0\n");
    watching.kill("SIGKILL");
    await watching;
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(2);
  });

  it("starts no process and opens no connection when telemetry is off", async () => {
    const { build, home, receiver } = await setUpBuild();
    const off = await build("build.mjs", { DO_NOT_TRACK: "1" });
    expect(off.exitCode).toBe(0);
    expect(home.files().filter((file) => !file.startsWith("build.mjs"))).toEqual([]);
    expect(processesIn(home.path)).toEqual([]);
    expect(receiver.connections).toBe(0);
  });
});

/** With the app it builds; inside the repository, where the package finds itself by its name. */
function copyOfExample(bundler: string): string {
  const tests = fileURLToPath(new URL("..", import.meta.url));
  const copy = mkdtempSync(path.join(tests, "tmp-"));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  for (const folder of [bundler, "app"]) {
    cpSync(path.join(tests, "..", "examples", folder), path.join(copy, folder), {
      recursive: true,
    });
  }
  return copy;
}

function countsIn(home: IsolatedHome): string {
  const folder = path.join(home.stateFolder("acme"), "rollups");
  if (!existsSync(folder)) return "";
  return readdirSync(folder)
    .map((file) => readFileSync(path.join(folder, file), "utf8"))
    .join("");
}

/** Every file below a folder, with the hash of its content. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files
      .filter((file) => file.isFile())
      .map((file) => path.join(file.parentPath, file.name))
      .map((file) => [
        path.relative(folder, file),
        createHash("sha256").update(readFileSync(file)).digest("hex"),
      ]),
  );
}
