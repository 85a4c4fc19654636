import { writeFileSync } from "node:fs";
import * as rolldown from "rolldown";
import * as rollup from "rollup";
import * as vite from "vite";
import { describe, expect, test, vi } from "vitest";
import type { PluginOptions } from "../../src/plugin/options.ts";
import sendoffRolldown from "../../src/plugin/rolldown.ts";
import sendoffRollup from "../../src/plugin/rollup.ts";
import sendoffVite from "../../src/plugin/vite.ts";
import { fakeTelemetry, hashFolder, only, project, sizeOfFolder } from "./plugin-telemetry.ts";

const app = {
  "src/index.js": 'import { greet } from "./greet.js";\ngreet("world");\n',
  "src/greet.js": "export const greet = (name) => console.log('Hello', name);\n",
};

type At = ReturnType<typeof project>;
/** What the three have in common; each takes plugins of the others' kind. */
type Plugins = rollup.Plugin[];
interface Output {
  dir: string;
  format?: "es" | "cjs";
}

const outputsIn = (at: At): Output[] => [{ dir: at("dist") }];

/** As their users write it: all outputs, one after the other, and closed whatever happens. */
async function writeAll(bundle: rollup.RollupBuild | rolldown.RolldownBuild, outputs: Output[]) {
  try {
    for (const output of outputs) await bundle.write(output);
  } finally {
    await bundle.close();
  }
}

const bundlers = {
  rollup: {
    sendoff: sendoffRollup,
    version: rollup.VERSION,
    mode: "none",
    build: async (at: At, plugins: Plugins, outputs = outputsIn(at)) =>
      writeAll(await rollup.rollup({ input: at("src/index.js"), plugins }), outputs),
  },
  rolldown: {
    sendoff: sendoffRolldown as unknown as typeof sendoffRollup,
    version: rolldown.VERSION,
    mode: "none",
    build: async (at: At, plugins: Plugins, outputs = outputsIn(at)) => {
      const input = { input: at("src/index.js"), plugins: plugins as unknown as rolldown.Plugin[] };
      await writeAll(await rolldown.rolldown(input), outputs);
    },
  },
  vite: {
    sendoff: sendoffVite as unknown as typeof sendoffRollup,
    version: vite.version,
    mode: "production",
    build: async (at: At, plugins: Plugins, outputs = outputsIn(at)) => {
      await vite.build(viteConfig(at, plugins, outputs));
    },
  },
};

function viteConfig(at: At, plugins: Plugins, output = outputsIn(at)): vite.InlineConfig {
  return {
    root: at(),
    configFile: false,
    logLevel: "silent",
    plugins: plugins as unknown as vite.Plugin[],
    build: { rollupOptions: { input: at("src/index.js"), output }, emptyOutDir: false },
  };
}

function throwing(): never {
  throw new RangeError("secret plan");
}

function setUp(files: Record<string, string> = app) {
  return { telemetry: fakeTelemetry(), at: project(files) };
}

describe.each(Object.entries(bundlers))("%s", (name, { sendoff, version, mode, build }) => {
  test("a build is an event with what the bundler knows", async () => {
    const { telemetry, at } = setUp();
    const fields = () => ({ toolsCount: 3 });
    await build(at, [sendoff({ telemetry, fields })]);
    const event = only(telemetry.events);
    expect(event.eventName).toBe("build:completed");
    expect(event.fields).toMatchObject({
      success: true,
      bundler: name,
      bundlerVersion: version,
      mode,
      watch: false,
      toolsCount: 3,
    });
    if (name !== "vite") expect(event.fields.outputSize).toBe(sizeOfFolder(at("dist")));
    expect(event.fields.modulesCount).toBe(name === "rollup" ? 2 : undefined);
    expect(telemetry.calls).toEqual(["record", "flush build"]);
    expect(telemetry.errors).toEqual([]);
  });

  test("output is the same with and without", async () => {
    const { telemetry, at } = setUp();
    await build(at, [], [{ dir: at("plain") }]);
    await build(at, [sendoff({ telemetry })], [{ dir: at("told") }]);
    expect(hashFolder(at("told"))).toBe(hashFolder(at("plain")));
    expect(telemetry.events).toHaveLength(1);
  });

  test("several outputs are one event that counts them all", async () => {
    const { telemetry, at } = setUp();
    const outputs: Output[] = [{ dir: at("es") }, { dir: at("cjs"), format: "cjs" }];
    await build(at, [sendoff({ telemetry })], outputs);
    const { fields } = only(telemetry.events);
    expect(fields.success).toBe(true);
    if (name !== "vite") {
      expect(fields.outputSize).toBe(sizeOfFolder(at("es")) + sizeOfFolder(at("cjs")));
    }
    expect(telemetry.counts).toEqual([]);
  });

  test("a second output that fails makes the event a failure", async () => {
    const { telemetry, at } = setUp();
    const failing: rollup.Plugin = {
      name: "failing",
      generateBundle: ({ format }) => {
        if (format === "cjs") throw new RangeError("secret plan");
      },
    };
    const outputs: Output[] = [{ dir: at("es") }, { dir: at("cjs"), format: "cjs" }];
    const plugins = [sendoff({ telemetry }), failing];
    await expect(build(at, plugins, outputs)).rejects.toThrow();
    expect(only(telemetry.events).fields).toMatchObject({ success: false, errorPhase: "emit" });
  });

  test("two builds in a process are one event, or with `each` two", async () => {
    for (const [each, count] of [
      [false, 1],
      [true, 2],
    ] as const) {
      const { telemetry, at } = setUp();
      const shared = sendoff({ telemetry, each });
      await build(at, [shared]);
      await build(at, [shared], [{ dir: at("again") }]);
      expect(telemetry.events).toHaveLength(count);
      expect(telemetry.events.map(({ fields }) => fields.success)).not.toContain(false);
    }
  });

  const unsaid = { errorType: "UnknownError" };
  test.each<[keyof rollup.Plugin, object]>([
    ["buildStart", { errorType: "RangeError" }],
    ["resolveId", { errorType: "RangeError", errorPhase: "resolve" }],
    ["load", { errorType: "RangeError", errorPhase: "transpile" }],
    ["transform", { errorType: "RangeError", errorPhase: "transpile" }],
    ["moduleParsed", { errorType: "RangeError" }],
    // Rolldown reaches no hook of ours afterwards but `closeBundle`, which knows no error.
    ["buildEnd", name === "rollup" ? { errorType: "RangeError" } : unsaid],
    ["renderStart", { errorType: "RangeError", errorPhase: "bundle" }],
    ["renderChunk", { errorType: "RangeError", errorPhase: "bundle" }],
    ["generateBundle", { ...unsaid, errorPhase: "emit" }],
    ["writeBundle", { ...unsaid, errorPhase: "emit" }],
  ])("a plugin that throws in %s is a failed build", async (hook, expected) => {
    for (const order of ["before", "after"]) {
      const { telemetry, at } = setUp();
      // Vite's own would resolve before it, and it would never be asked.
      const bad = { name: "bad", enforce: "pre", [hook]: throwing };
      const ours = sendoff({ telemetry });
      const plugins = order === "before" ? [bad, ours] : [ours, bad];
      await expect(build(at, plugins)).rejects.toThrow("secret");
      const event = only(telemetry.events);
      expect(event.eventName).toBe("build:failed");
      expect(event.fields).toMatchObject({ success: false, ...expected });
      expect(JSON.stringify(event)).not.toContain("secret");
      expect(telemetry.errors).toEqual([]);
    }
  });

  test.each<[string, Record<string, string>, object]>([
    ["a missing module", { "src/index.js": 'import "./secret.js";' }, { errorPhase: "resolve" }],
    ["a missing entry", {}, { errorPhase: "resolve", errorType: "UNRESOLVED_ENTRY" }],
    ["a syntax error", { "src/index.js": "const = ;" }, { errorPhase: "compile" }],
    [
      "a missing export",
      { "src/index.js": 'import { secret } from "./a.js"; secret();', "src/a.js": "export {};" },
      { errorPhase: "bundle", errorType: "MISSING_EXPORT" },
    ],
  ])("%s is told by phase and type", async (_, files, expected) => {
    const { telemetry, at } = setUp(files);
    await expect(build(at, [sendoff({ telemetry })])).rejects.toThrow();
    const event = only(telemetry.events);
    expect(event.fields).toMatchObject({ success: false, ...expected });
    expect(JSON.stringify(event)).not.toContain("secret");
  });
});

describe.each(["rollup", "rolldown"] as const)("%s, by its API", (name) => {
  const { sendoff } = bundlers[name];
  const open = (at: At, plugins: Plugins): Promise<rollup.RollupBuild> =>
    name === "rollup"
      ? rollup.rollup({ input: at("src/index.js"), plugins })
      : (rolldown.rolldown({
          input: at("src/index.js"),
          plugins: plugins as unknown as rolldown.Plugin[],
        }) as unknown as Promise<rollup.RollupBuild>);

  function watch(at: At, plugins: Plugins): rollup.RollupWatcher {
    const output = { dir: at("dist") };
    const options = { input: at("src/index.js"), plugins, output, watch: { buildDelay: 10 } };
    return name === "rollup"
      ? rollup.watch(options)
      : (rolldown.watch(options as rolldown.WatchOptions) as unknown as rollup.RollupWatcher);
  }

  test("nothing is hooked in when telemetry is off", () => {
    const { telemetry } = setUp();
    telemetry.isEnabled = false;
    const hooks = Object.values(sendoff({ telemetry } as PluginOptions)).filter(
      (value) => typeof value === "object",
    );
    expect(hooks).toEqual([]);
  });

  test("outputs written side by side, and never closed, are one event", async () => {
    const { telemetry, at } = setUp();
    const bundle = await open(at, [sendoff({ telemetry })]);
    await Promise.all([
      bundle.write({ dir: at("es") }),
      bundle.write({ dir: at("cjs"), format: "cjs" }),
    ]);
    expect(only(telemetry.events).fields).toMatchObject({
      success: true,
      outputSize: sizeOfFolder(at("es")) + sizeOfFolder(at("cjs")),
    });
  });

  test.each(["renderChunk", "generateBundle", "writeBundle"] as const)(
    "of outputs written side by side, one that fails in %s makes the event a failure",
    async (hook) => {
      const { telemetry, at } = setUp();
      const throwing = (...args: { format?: string }[]) => {
        if (args.some((options) => options?.format === "cjs")) throw new RangeError("secret plan");
      };
      const bundle = await open(at, [sendoff({ telemetry }), { name: "bad", [hook]: throwing }]);
      const written = await Promise.allSettled([
        bundle.write({ dir: at("es") }),
        bundle.write({ dir: at("cjs"), format: "cjs" }),
      ]);
      expect(written.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
      await bundle.close();
      expect(only(telemetry.events).fields.success).toBe(false);
    },
  );

  test("what is only generated has no size", async () => {
    const { telemetry, at } = setUp();
    const bundle = await open(at, [sendoff({ telemetry })]);
    await bundle.generate({});
    const { fields } = only(telemetry.events);
    expect(fields.success).toBe(true);
    expect(fields).not.toHaveProperty("outputSize");
  });

  test("a bundle that is closed before anything is written has succeeded, if it was built", async () => {
    const { telemetry, at } = setUp();
    const bundle = await open(at, [sendoff({ telemetry })]);
    await bundle.close();
    // Rolldown only builds as it writes.
    expect(telemetry.events.map(({ fields }) => fields.success)).toEqual(
      name === "rollup" ? [true] : [],
    );
  });

  test.each(["generateBundle", "writeBundle"] as const)(
    "a watcher that is stopped after its first build, which failed in %s, tells of that",
    async (hook) => {
      const { telemetry, at } = setUp();
      const bad = { name: "bad", [hook]: throwing };
      const watcher = watch(at, [sendoff({ telemetry }), bad]);
      await new Promise<void>((resolve) => {
        watcher.on("event", ({ code }) => {
          if (code === "END") resolve();
        });
      });
      expect(telemetry.events).toEqual([]);
      await watcher.close();
      const { eventName, fields } = only(telemetry.events);
      expect(eventName).toBe("build:failed");
      expect(fields).toMatchObject({ success: false, watch: true, errorPhase: "emit" });
      expect(telemetry.errors).toEqual([]);
    },
  );

  test("a watcher that is stopped while it writes has succeeded, once all is written", async () => {
    const { telemetry, at } = setUp();
    let watcher: rollup.RollupWatcher | undefined;
    let closed: Promise<void> | undefined;
    const stopping: rollup.Plugin = {
      name: "stopping",
      generateBundle: () => {
        closed = watcher?.close();
      },
    };
    watcher = watch(at, [stopping, sendoff({ telemetry })]);
    await vi.waitFor(() => expect(only(telemetry.events).fields.success).toBe(true), 3000);
    await closed;
    expect(only(telemetry.events).fields.success).toBe(true);
  });

  test("watch mode: the first build is an event, rebuilds are counted", async () => {
    const { telemetry, at } = setUp();
    let isFailing = false;
    const failing: rollup.Plugin = {
      name: "failing",
      generateBundle: () => {
        if (isFailing) throw new RangeError("secret plan");
      },
    };
    const watcher = watch(at, [sendoff({ telemetry }), failing]);
    const ends: (() => void)[] = [];
    watcher.on("event", async (event) => {
      // Not after an error: what no hook has told then, the next build brings to light.
      if (event.code === "BUNDLE_END") await event.result.close();
      if (event.code === "END") ends.shift()?.();
    });
    const nextBuild = () => new Promise<void>((resolve) => ends.push(resolve));
    await nextBuild();
    expect(only(telemetry.events).fields).toMatchObject({ success: true, watch: true });
    await vi.waitFor(() => expect(telemetry.calls.at(-1)).toBe("flush dev"), 3000);
    for (const [text, fails] of [
      ["export const greet = 1;", false],
      ["export const greet = 2;", true],
      ["const = ;", true],
    ] as const) {
      isFailing = fails;
      const rebuilt = nextBuild();
      // Rollup's watcher overlooks what changes within 50 ms of the last change.
      await new Promise((resolve) => setTimeout(resolve, 100));
      writeFileSync(at("src/greet.js"), text);
      await rebuilt;
    }
    await watcher.close();
    expect(telemetry.counts).toEqual([
      { name: "rebuild", error: false },
      { name: "rebuild", error: true },
      { name: "rebuild", error: true },
    ]);
    expect(telemetry.events).toHaveLength(1);
    expect(telemetry.errors).toEqual([]);
  });
});

test("of Rolldown's builds side by side, one for each output, one that fails makes the event a failure", async () => {
  const { telemetry, at } = setUp();
  let calls = 0;
  const bad: rolldown.Plugin = {
    name: "bad",
    buildStart: () => {
      calls += 1;
      if (calls === 1) throw new RangeError("secret plan");
    },
  };
  const plugins = [sendoffRolldown({ telemetry }), bad];
  const bundle = await rolldown.rolldown({ input: at("src/index.js"), plugins });
  const outputs = [{ dir: at("es") }, { dir: at("again") }];
  const written = await Promise.allSettled(outputs.map((output) => bundle.write(output)));
  expect(written.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  await bundle.close();
  expect(only(telemetry.events).fields).toMatchObject({ success: false, errorType: "RangeError" });
});

describe("vite, of an app with a client and a server", () => {
  const buildApp = async (at: At, plugins: Plugins) => {
    const builder = await vite.createBuilder({
      ...viteConfig(at, plugins),
      builder: {},
      environments: { ssr: { build: { ssr: at("src/server.js"), outDir: at("server") } } },
    });
    await builder.buildApp();
  };

  test("both are one event", async () => {
    const { telemetry, at } = setUp({ ...app, "src/server.js": "console.log(1);" });
    await buildApp(at, [bundlers.vite.sendoff({ telemetry })]);
    expect(only(telemetry.events).fields).toMatchObject({ success: true, bundler: "vite" });
    expect(telemetry.counts).toEqual([]);
  });

  test("one that fails makes the event a failure", async () => {
    const { telemetry, at } = setUp({ ...app, "src/server.js": "const = ;" });
    await expect(buildApp(at, [bundlers.vite.sendoff({ telemetry })])).rejects.toThrow();
    expect(only(telemetry.events).fields).toMatchObject({
      success: false,
      errorType: "PARSE_ERROR",
    });
  });
});

test("nothing is hooked into vite when telemetry is off, asked when a build begins", async () => {
  const { telemetry, at } = setUp();
  const plugins = [bundlers.vite.sendoff({ telemetry })];
  const hookedIn = async (command: "build" | "serve") => {
    const config = await vite.resolveConfig(viteConfig(at, plugins), command);
    return config.plugins.filter((plugin) => plugin.name === "sendoff").length;
  };
  expect(await hookedIn("build")).toBe(1);
  telemetry.isEnabled = false;
  expect(await hookedIn("build")).toBe(0);
  await vite.build(viteConfig(at, plugins));
  expect(telemetry.calls).toEqual([]);
  // A server needs no answer, and so reads no preferences for one.
  Object.defineProperty(telemetry, "isEnabled", { get: () => expect.fail("was asked") });
  expect(await hookedIn("serve")).toBe(0);
});

test("vite's watcher that is stopped after its first build, which failed at its end, tells of that", async () => {
  const { telemetry, at } = setUp();
  const plugins = [bundlers.vite.sendoff({ telemetry }), { name: "bad", writeBundle: throwing }];
  const config = viteConfig(at, plugins);
  const watcher = (await vite.build({
    ...config,
    build: { ...config.build, watch: {} },
  })) as unknown as rollup.RollupWatcher;
  await new Promise<void>((resolve) => {
    watcher.on("event", ({ code }) => {
      if (code === "END") resolve();
    });
  });
  expect(telemetry.events).toEqual([]);
  await watcher.close();
  expect(only(telemetry.events).fields).toMatchObject({ success: false, watch: true });
});

test("vite's dev server builds nothing, so nothing is recorded", async () => {
  const { telemetry, at } = setUp();
  const plugins = [bundlers.vite.sendoff({ telemetry })] as unknown as vite.Plugin[];
  const server = await vite.createServer({
    root: at(),
    configFile: false,
    logLevel: "silent",
    plugins,
    server: { middlewareMode: true, ws: false },
  });
  await server.transformRequest("/src/index.js");
  await server.close();
  expect(telemetry.calls).toEqual([]);
});
