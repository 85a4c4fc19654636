import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

/** `sendoff-collector`, as it is installed. */
export const program = fileURLToPath(new URL("../../dist/main.mjs", import.meta.url));
const repository = fileURLToPath(new URL("../../..", import.meta.url));

export interface BuiltOptions {
  /** Schema files. */
  events: readonly string[];
  /** @default 0, one that is free */
  port?: number;
  flags?: readonly string[];
  /** What runs it, and its own arguments. @default this Node */
  runtime?: readonly string[];
}

export interface BuiltCollector {
  url: string;
  port: number;
  /** At once; what it had in memory alone is gone. */
  kill(): Promise<void>;
  /** As an operator's SIGTERM does. */
  stop(): Promise<{ exitCode: number | undefined; stderr: string }>;
}

/** What `sendoff-collector` is when it is installed, as a process of its own; takes events. */
export async function startBuilt(store: string, options: BuiltOptions): Promise<BuiltCollector> {
  const { events, port = 0, flags = [], runtime = [process.execPath] } = options;
  const [file, ...before] = runtime as [string, ...string[]];
  const args = [
    ...events.flatMap((name) => ["--events", name]),
    ...["--store", store, "--port", String(port), "--log-level", "error"],
    ...flags,
  ];
  const child = execa(file, [...before, program, ...args], {
    reject: false,
    buffer: { stdout: false },
  });
  const first = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", async () => reject(new Error(`It has ended: ${(await child).stderr}`)));
  });
  const { origin: url, port: taken } = new URL(first.slice(first.indexOf("http")));
  await until(async () => (await fetch(`${url}/readyz`)).ok);
  return {
    url,
    port: Number(taken),
    async kill() {
      child.kill("SIGKILL");
      await child;
    },
    async stop() {
      child.kill("SIGTERM");
      const { exitCode, stderr } = await child;
      return { exitCode, stderr };
    },
  };
}

/** What `events --json-schema` says of a module's product. */
export async function schemaFrom(module: string): Promise<string> {
  const { stdout } = await execa(
    process.execPath,
    ["dist/bin.mjs", "events", "--from", module, "--json-schema"],
    { cwd: repository },
  );
  return stdout;
}

/** @throws after as many milliseconds. */
export async function until(isSo: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It is not so after ${withinMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
