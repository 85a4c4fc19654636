import { cpSync, symlinkSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Builds what is published from a copy of its sources. Returns the new `dist`. */
export async function buildAgain(copy: string, ...flags: string[]): Promise<string> {
  const settings = ["package.json", "tsconfig.json", "tsdown.config.ts", "scripts"];
  for (const name of [...settings, "src", "collector/dashboard/src/shared"]) {
    cpSync(path.join(repository, name), path.join(copy, name), { recursive: true });
  }
  symlinkSync(path.join(repository, "node_modules"), path.join(copy, "node_modules"));
  const tsdown = path.join(repository, "node_modules/tsdown/dist/run.mjs");
  const env = { PATH: process.env.PATH ?? "" };
  await execa(process.execPath, [tsdown, ...flags], { cwd: copy, env, extendEnv: false });
  return path.join(copy, "dist");
}
