#!/usr/bin/env node
/**
 * `npx sendoff COMMAND --name PRODUCT`: the commands, for any product that uses sendoff. Of most it
 * knows the name and no more, which is enough to see and stop everything. For xmcp the preset is
 * asked; `--from FILE` asks a module that exports a product's tracker.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { isHelp } from "./help.ts";
import { type RunnableTelemetry, runTelemetryCommand } from "./index.ts";
import { createTerminal } from "./terminal.ts";

const terminal = createTerminal();

const usage = `Usage: sendoff COMMAND --name PRODUCT     such as: npx sendoff status --name acme
       sendoff COMMAND --from FILE        a module that exports what createTelemetry returned
       sendoff --help                     all commands`;

async function main(): Promise<number> {
  const { name, from, words } = ownOptions(process.argv.slice(2));
  if (from) {
    const telemetry = await load(from);
    if (!telemetry)
      return complain(`${from} exports no tracker: export what createTelemetry returns.`);
    return runTelemetryCommand(telemetry, words, {
      called: { before: "npx sendoff", after: `--from ${from}` },
    });
  }
  if (!name || !/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    if (name) {
      return complain(`A name is lower case letters, digits and hyphens, not "${name}".\n${usage}`);
    }
    if (!words.some(isHelp)) return complain(usage);
    // Whoever wants to know how to turn something off doesn't know its name yet.
    const about = words.filter((word) => word !== "help" && !word.startsWith("-")).slice(0, 1);
    const called = { before: "npx sendoff", after: "--name PRODUCT" };
    return runTelemetryCommand("A product", ["help", ...about], { called });
  }
  const called = { before: "npx sendoff", after: `--name ${name}` };
  return runTelemetryCommand(await known(name), words, { called });
}

/** Taken from anywhere before a `--`, so that they can stand before or after the command. */
function ownOptions(argv: readonly string[]) {
  const words: string[] = [];
  const own: { name?: string; from?: string } = {};
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  for (let i = 0; i < argv.length; i++) {
    const [, option, value] = /^--(name|from)(?:=(.*))?$/.exec(argv[i] as string) ?? [];
    if (i >= end || option === undefined) words.push(argv[i] as string);
    else own[option as "name" | "from"] = value ?? argv[++i] ?? "";
  }
  return { ...own, words };
}

/** The presets know their products; nobody else's bundle contains them. */
async function known(name: string): Promise<RunnableTelemetry | string> {
  if (name !== "xmcp") return name;
  const { telemetry } = await import("sendoff/xmcp");
  return telemetry;
}

/** @throws Error that says why a module can't be loaded. */
async function load(file: string): Promise<RunnableTelemetry | undefined> {
  if (!existsSync(file)) throw new Error(`There is no file ${file}: check its path.`);
  let exported: Record<string, unknown>;
  try {
    exported = await import(pathToFileURL(path.resolve(file)).href);
  } catch (error) {
    throw new Error(`${file} can't be loaded. ${whyNot(error)}`);
  }
  // Of CommonJS Node doesn't find all names, but has the whole as the default.
  const within: object = Object(exported.default);
  return [...Object.values(exported), ...Object.values(within)].find(isTracker);
}

function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  // Newer ones read TypeScript, as long as it needs no more than its types left out.
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return `Node.js ${process.version} takes JavaScript: name the file that is built of it.`;
  }
  return message ?? String(error);
}

function isTracker(value: unknown): value is RunnableTelemetry {
  return typeof (value as { flushDetached?: unknown } | null)?.flushDetached === "function";
}

function complain(text: string): number {
  terminal.complain(text);
  return 2;
}

try {
  process.exitCode = await main();
} catch (error) {
  terminal.complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
