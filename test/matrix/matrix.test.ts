import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { isolatedHome } from "sendoff/testing";
import { afterAll, describe, expect, test } from "vitest";
import { fixture } from "../e2e/harness.ts";

/**
 * Every bundler, at its oldest and newest supported versions, in every kind of build, with and
 * without telemetry. What was shown is written to `results/bundlers.json`, from which
 * `npm run docs:matrix` makes docs/matrix.md.
 */

interface Bundler {
  bundler: string;
  /** As it is imported. */
  name: string;
  /** Its folder, here or in the repository. */
  folder: string;
  version: string;
}

const packages: Record<string, [name: string, ...aliases: string[]]> = {
  webpack: ["webpack", "webpack-oldest"],
  rspack: ["@rspack/core", "rspack-1-oldest", "rspack-1-newest", "rspack-2-oldest"],
  esbuild: ["esbuild", "esbuild-oldest"],
  vite: [
    "vite",
    "vite-6-oldest",
    "vite-6-newest",
    "vite-7-oldest",
    "vite-7-newest",
    "vite-8-oldest",
  ],
  // The repository's own are held at versions that its lock can have for all platforms.
  rollup: ["rollup", "rollup-oldest", "rollup-newest"],
  rolldown: ["rolldown", "rolldown-oldest", "rolldown-newest"],
};

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const require = createRequire(import.meta.url);

const bundlers: Bundler[] = Object.entries(packages).flatMap(([bundler, [name, ...aliases]]) =>
  [
    ...aliases.map((alias) => here(`packages/node_modules/${alias}`)),
    ...(aliases.includes(`${bundler}-newest`) ? [] : [here(`../../node_modules/${name}`)]),
  ].map((folder) => {
    const { version } = require(path.join(folder, "package.json")) as { version: string };
    return { bundler, name, folder, version };
  }),
);

const builds = {
  "one-off": {},
  // MultiCompiler, two builds at once, two calls of `write` and no `close`, client and server.
  outputs: {},
  watch: { watch: true },
  "fails-resolving": { success: false, errorPhase: "resolve" },
  "fails-parsing": { success: false, errorPhase: "compile" },
  // A plugin throws while the output is made, and in the last hook there is.
  "fails-writing": { success: false },
  "fails-last": { success: false },
} as const;
type Build = keyof typeof builds;

const results = new Map<Bundler, { build: Build; fields: Record<string, unknown> }[]>();
let tried = 0;

describe.each(bundlers)("$bundler $version", (it) => {
  test.concurrent.each(Object.keys(builds) as Build[])("%s", async (build) => {
    tried += 1;
    const home = isolatedHome();
    try {
      const run = (told: "told" | "plain") => runBuild(it, build, told, home.path, home.env);
      const plain = await run("plain");
      const told = await run("told");
      // The options too, of which each prints a hash.
      expect(told).toEqual(plain);
      expect(told.stdout).toMatch(/^options \d+ [0-9a-f]{64}$/m);
      expect(told.exitCode).toBe(build.startsWith("fails") ? 1 : 0);
      // Held, since the notice was shown just now: the events are in the spool.
      const batches = home.spool("acme");
      const events = batches.flatMap(({ batch }) => batch?.content?.events ?? []);
      expect(events).toHaveLength(1);
      const fields = events[0]?.fields ?? {};
      expect(fields).toMatchObject({
        bundler: it.bundler,
        bundlerVersion: it.version,
        success: true,
        watch: false,
        ...builds[build],
      });
      expect(JSON.stringify(events)).not.toContain("secret");
      results.set(it, [...(results.get(it) ?? []), { build, fields }]);
    } finally {
      home.remove();
    }
  });
});

/** In a folder of its own, with this version installed, and by the same path each time. */
async function runBuild(
  { bundler, name, folder }: Bundler,
  build: Build,
  told: "told" | "plain",
  home: string,
  env: Record<string, string>,
) {
  const project = path.join(home, "project");
  rmSync(project, { recursive: true, force: true });
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    writeFileSync(path.join(project, file), text);
  };
  write("package.json", '{ "name": "app", "type": "module" }');
  write("bundler.mjs", `export * as bundler from "${name}";`);
  write("src/index.js", 'import { greet } from "./greet.js";\ngreet("world");\n');
  write("src/greet.js", "export const greet = (name) => console.log('Hello', name);\n");
  write("src/missing.js", 'import "./secret.js";\n');
  write("src/broken.js", "const secret = ;\n");
  const link = path.join(project, "node_modules", name);
  mkdirSync(path.dirname(link), { recursive: true });
  symlinkSync(folder, link, "junction");
  const args = [fixture("matrix-build.mjs"), bundler, project, build, told];
  const { exitCode, stdout } = await execa(process.execPath, args, {
    cwd: project,
    env,
    extendEnv: false,
    reject: false,
  });
  return { exitCode, stdout, output: hashesIn(path.join(project, "out")) };
}

function hashesIn(folder: string): Record<string, string> {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    return Object.fromEntries(
      files
        .filter((file) => file.isFile())
        .map((file) => path.join(file.parentPath, file.name))
        .map((file) => [file, createHash("sha256").update(readFileSync(file)).digest("hex")]),
    );
  } catch {
    return {}; // Nothing was written.
  }
}

afterAll(() => {
  // Of a part (`-t watch`) there is nothing to tell.
  if (tried < bundlers.length * Object.keys(builds).length) return;
  const runtime = `Node.js ${process.versions.node.split(".")[0]}`;
  const rows = bundlers.map((it) => {
    const shown = results.get(it) ?? [];
    const works = Object.keys(builds).filter((build) => shown.some((one) => one.build === build));
    const completed = shown.find(({ build }) => build === "one-off")?.fields ?? {};
    const leftOut = ["outputSize", "modulesCount"].filter((field) => !(field in completed));
    return { bundler: it.bundler, version: it.version, runtime, works, leftOut };
  });
  mkdirSync(here("results"), { recursive: true });
  writeFileSync(here("results/bundlers.json"), `${JSON.stringify(rows, null, 2)}\n`);
});
