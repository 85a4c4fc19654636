#!/usr/bin/env node
import { parseArgs } from "node:util";
import { runTelemetryCommand } from "./index.ts";

/** `npx sendoff COMMAND --name PRODUCT`: the commands, for any product that uses sendoff. */
const usage = "Usage: sendoff COMMAND --name PRODUCT, such as: sendoff status --name acme";

async function main(): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { name: { type: "string" }, help: { type: "boolean" } },
    });
    const { name } = values;
    if (name === undefined || !/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
      process.stderr.write(`${usage}\n`);
      return values.help ? 0 : 2;
    }
    return await runTelemetryCommand(name, values.help ? ["--help"] : positionals);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
    return 2;
  }
}

process.exitCode = await main();
