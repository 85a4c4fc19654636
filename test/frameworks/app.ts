import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { setUp } from "../e2e/harness.ts";
import { packTarball, remove } from "../platforms/project.ts";
import { examples, type Framework } from "./frameworks.ts";

/** An example as its users have it: installed by its lock, with what `npm pack` makes of sendoff. */
export interface App {
  /** Whose telemetry it is. */
  product: string;
  /** Without a build: one event waits, and will be sent by the next run. */
  showNotice(env: Readonly<Record<string, string>>): Promise<void>;
  /** `told` with telemetry, `plain` without; run by the command `by`, which runs its arguments. */
  build(
    variant: Variant,
    env: Readonly<Record<string, string>>,
    by?: readonly string[],
  ): Promise<Build>;
  /** Writes a file of the app until the next `mend`. */
  write(file: string, content: string): void;
  mend(): void;
  read(file: string): string;
  remove(): void;
}

export type Variant = "plain" | "told";

export interface Build {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  /** Every file of the output, with the hash of its content. */
  output: Record<string, string>;
  /** Milliseconds. */
  duration: number;
}

const recordsOne = (module: string) => `import { telemetry } from "${module}";
await telemetry.record({ eventName: "build:completed", fields: {} });`;

/** The example's, where nothing else is said. */
const acme = { name: "acme", module: "./telemetry.mjs" };

export async function installApp(framework: Framework): Promise<App> {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), `sendoff-${framework.name}-`));
  const example = path.join(examples, framework.example ?? framework.name);
  const copyOfExample = () => {
    cpSync(example, folder, {
      recursive: true,
      filter: (file) => !file.startsWith(path.join(example, "node_modules")),
    });
    if (!framework.adopt) return;
    // The example's own telemetry is another.
    for (const plain of readdirSync(folder).filter((file) => file.includes(".plain."))) {
      cpSync(path.join(folder, plain), path.join(folder, plain.replace(".plain.", ".")));
    }
  };
  copyOfExample();
  const node = framework.node?.file ?? process.execPath;
  const flags = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  // By the same Node: npm leaves out what is optional and not for the one it runs on.
  const PATH = `${path.dirname(node)}${path.delimiter}${process.env.PATH}`;
  // Not `npm ci`, which refuses a lock that lacks what is optional and for other platforms.
  try {
    await execa("npm", ["install", ...flags], { cwd: folder, env: { PATH } });
    await unpackSendoff(path.join(folder, "node_modules", "sendoff"));
  } catch (error) {
    remove(folder);
    throw error;
  }

  const config = path.join(folder, framework.config);
  const content = readFileSync(config, "utf8");
  const variants: Record<Variant, string> = framework.adopt
    ? { plain: content, told: framework.adopt(content) }
    : { plain: readFileSync(config.replace(/\.(\w+)$/, ".plain.$1"), "utf8"), told: content };
  const [command, ...args] = framework.command;
  const written = new Set<string>();
  const run = (
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    by: readonly string[] = [],
  ) => {
    const [file, ...args] = [...by, node, ...argv] as [string, ...string[]];
    return execa(file, args, {
      cwd: folder,
      // Vitest has made it `test`.
      env: { ...env, ...framework.env, NODE_ENV: "production", NO_COLOR: "1" },
      extendEnv: false,
      reject: false,
      stdin: "ignore",
    });
  };
  const { name: product, module } = framework.product ?? acme;
  return {
    product,
    async showNotice(env) {
      await run(["--input-type=module", "--eval", recordsOne(module)], env);
    },
    async build(variant, env, by) {
      for (const leaves of [framework.output, ...framework.leaves]) {
        rmSync(path.join(folder, leaves), { recursive: true, force: true });
      }
      writeFileSync(config, variants[variant]);
      const startedAt = performance.now();
      const cli = path.join(folder, "node_modules", command);
      const ownEnv = variant === "plain" ? { ...env, ...framework.plainEnv } : env;
      const { exitCode, stdout, stderr } = await run([cli, ...args], ownEnv, by);
      const duration = performance.now() - startedAt;
      const output = contentOf(path.join(folder, framework.output), framework);
      return { exitCode, stdout, stderr, output, duration };
    },
    write(name, content) {
      const file = path.join(folder, name);
      written.add(file);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    },
    mend() {
      for (const file of written) rmSync(file);
      written.clear();
      copyOfExample();
    },
    read: (file) => readFileSync(path.join(folder, file), "utf8"),
    remove: () => remove(folder),
  };
}

/** A home and a receiver, for the app's telemetry. */
export async function setUpFor({ product }: App) {
  const place = await setUp();
  const endpoint = { [`${product.toUpperCase()}_TELEMETRY_ENDPOINT`]: place.receiver.url };
  return { ...place, env: { ...place.env, ...endpoint } };
}

async function unpackSendoff(folder: string): Promise<void> {
  const packed = await packTarball();
  mkdirSync(folder);
  await execa("tar", ["xzf", packed.file, "-C", folder, "--strip-components=1"]);
  remove(packed.folder);
}

function contentOf(folder: string, { settled, logs }: Framework): Record<string, string> {
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !logs?.test(path.relative(folder, file)));
  return Object.fromEntries(
    files.sort().map((file) => {
      const content = readFileSync(file);
      const same = settled?.(content.toString("latin1"), file) ?? content;
      return [path.relative(folder, file), createHash("sha256").update(same).digest("hex")];
    }),
  );
}

/**
 * What was printed, without the times that builds take and the numbers of their processes, and
 * without how far Next is (`Generating static pages using 1 worker (1/5)`): it says so now and then,
 * and of a build that fails more or less of that, by which page came first.
 */
export function printed(text: string): string[] {
  return text
    .replace(/\d\d:\d\d:\d\d|(?<=\(node:)\d+/g, "<time>")
    .replace(/\d+(\.\d+)?\s?(ms|s)\b/g, "<time>")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !/^Generating static pages .*\(\d+\/\d+\)$/.test(line));
}
