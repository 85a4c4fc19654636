import { readFileSync } from "node:fs";
import { type SettingName, type Settings, settings } from "./settings.ts";

/** Misuse: told to the operator as it is, without a stack. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

export interface Given {
  /** By setting's name, as the command line has them; undefined where it doesn't. */
  flags: Partial<Record<SettingName, unknown>>;
  env: NodeJS.ProcessEnv;
  /** A JSON file, by setting's name. */
  file?: string | undefined;
}

/**
 * Flags before variables before the file before defaults.
 * @throws SettingsError that names each setting that is wrong, where it was said, and what to say.
 */
export function readSettings({ flags, env, file }: Given): Settings {
  const inFile = file === undefined ? {} : readFile(file);
  const problems: string[] = [];
  const read: Record<string, unknown> = {};
  for (const name of Object.keys(settings) as SettingName[]) {
    const [value, where] = firstOf([
      [flags[name], flagOf(name)],
      [env[variableOf(name)] || undefined, variableOf(name)],
      [inFile[name], `${name} in ${file}`],
      [undefined, flagOf(name)],
    ]);
    const result = settings[name].schema.safeParse(value);
    if (result.success) read[name] = result.data;
    else if (value === undefined) problems.push(`${where} is missing: ${wordsOf(name)}.`);
    else problems.push(`${where}: ${result.error.issues[0]?.message}.`);
  }
  const { tlsCert, tlsKey } = read;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    problems.push("--tls-cert and --tls-key go together: give both.");
  }
  for (const name of Object.keys(inFile)) {
    if (!(name in settings)) problems.push(`${name} in ${file} is no setting: see --help.`);
  }
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  return read as Settings;
}

export function flagOf(name: SettingName): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function variableOf(name: SettingName): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`);
  return `SENDOFF_COLLECTOR_${words.toUpperCase()}`;
}

function wordsOf(name: SettingName): string {
  return settings[name].words;
}

function firstOf(candidates: [unknown, string][]): [unknown, string] {
  return (candidates.find(([value]) => value !== undefined) ?? candidates.at(-1)) as [
    unknown,
    string,
  ];
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
