import { readFileSync } from "node:fs";
import { resolveSettings, type Said } from "./resolve-settings.ts";
import type { Settings } from "./settings.ts";
import { SettingsError } from "./told-error.ts";

export { flagOf, unknownVariables, variableOf } from "./resolve-settings.ts";

export interface Given extends Omit<Said, "file"> {
  /** A JSON file, by setting's name. */
  file?: string | undefined;
}

/**
 * The same with a file that is still to be read.
 * @throws SettingsError for one that isn't there or isn't JSON, too.
 */
export function readSettings({ file, ...said }: Given): Settings {
  return resolveSettings({
    ...said,
    file: file === undefined ? undefined : { name: file, content: readFile(file) },
  });
}

function readFile(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SettingsError(
      `--config ${file}: ${(error as Error).message}: name a JSON file such as { "port": 4817 }.`,
    );
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new SettingsError(`--config ${file}: say an object such as { "port": 4817 }.`);
}
