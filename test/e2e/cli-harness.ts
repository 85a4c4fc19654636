import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { setUp } from "./harness.ts";

/** The commands as people run them: mounted in the example's CLI, and by name. */

export const exampleFolder = fileURLToPath(
  new URL("../../examples/framework-cli", import.meta.url),
);
const bin = fileURLToPath(new URL("../../dist/bin.mjs", import.meta.url));

export async function setUpCli() {
  const place = await setUp();
  const run = (file: string, words: readonly string[], extra: Record<string, string> = {}) =>
    execa(process.execPath, [file, ...words], {
      cwd: exampleFolder,
      env: { ...place.env, ACME_EXAMPLE_OUT: `${place.home.path}-out`, ...extra },
      extendEnv: false,
      reject: false,
    });
  return {
    ...place,
    run,
    /** `acme telemetry …` */
    acme: (words: string, extra?: Record<string, string>) =>
      run("acme.mjs", ["telemetry", ...words.split(" ")], extra),
    build: (extra?: Record<string, string>, ...flags: string[]) =>
      run("acme.mjs", ["build", ...flags], extra),
    /** `npx sendoff …`, by name alone. */
    sendoff: (words: string, extra?: Record<string, string>) =>
      run(bin, [...words.split(" "), "--name", "acme"], extra),
    bin: (words: readonly string[], extra?: Record<string, string>) => run(bin, words, extra),
  };
}

/** What one of our commands may never show. */
export function expectReadable(run: { stdout: string; stderr: string }): void {
  const text = `${run.stdout}\n${run.stderr}`;
  const signs = [/\n\s+at .*:\d+:\d+/, /\bundefined\b/, /\bNaN\b/, /\[object/];
  const found = signs.find((sign) => sign.test(text)) ?? (text.includes("\u001B") && "a colour");
  if (found) throw new Error(`${found} in what was printed:\n${text}`);
}
