import { type SettingName, type Settings, settingNames, settings } from "./settings.ts";
import { SettingsError } from "./told-error.ts";

/** What an operator has said, and where. */
export interface Said {
  /** By setting's name, as the command line has them; undefined where it doesn't. */
  flags: Partial<Record<SettingName, unknown>>;
  env: NodeJS.ProcessEnv;
  /** A JSON file's content, by setting's name, and the file's name for messages. */
  file?: { name: string; content: Record<string, unknown> } | undefined;
}

/**
 * Flags before variables before the file before defaults.
 * @throws SettingsError that names each setting that is wrong, where it was said, and what to say.
 */
export function resolveSettings({ flags, env, file }: Said): Settings {
  const inFile = file?.content ?? {};
  const problems: string[] = [];
  const read: Record<string, unknown> = {};
  for (const name of settingNames) {
    const [value, where] = firstOf([
      [flags[name], flagOf(name)],
      [env[variableOf(name)] || undefined, variableOf(name)],
      [inFile[name], `${name} in ${file?.name}`],
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
  const { cluster, store } = read as Partial<Settings>;
  if (cluster !== undefined && store?.every((where) => !where.startsWith("clickhouse:"))) {
    problems.push("--cluster is ClickHouse's: give --store clickhouse:URL, too, or leave it out.");
  }
  for (const name of Object.keys(inFile)) {
    if (name in settings) continue;
    const meant = settingLike(name);
    const instead = meant === undefined ? "see --help" : `write ${meant}`;
    problems.push(`${name} in ${file?.name} is no setting: ${instead}.`);
  }
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  return read as Settings;
}

/** Of variables that begin as ours do and are none: what to say of each. */
export function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = new Set(settingNames.map(variableOf));
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.has(name))
    .map((name) => {
      const meant = settingLike(name.slice(PREFIX.length));
      return `${name} is no setting${meant === undefined ? "" : `: write ${variableOf(meant)}`}.`;
    });
}

/** The setting that is spelled so but for case, "-" and "_". */
function settingLike(name: string): SettingName | undefined {
  const plain = (text: string) => text.replaceAll(/[-_]/g, "").toLowerCase();
  return settingNames.find((known) => plain(known) === plain(name));
}

export function flagOf(name: SettingName): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function variableOf(name: SettingName): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`);
  return `${PREFIX}${words.toUpperCase()}`;
}

const PREFIX = "SENDOFF_COLLECTOR_";

function wordsOf(name: SettingName): string {
  return settings[name].words;
}

function firstOf(candidates: [unknown, string][]): [unknown, string] {
  return (candidates.find(([value]) => value !== undefined) ?? candidates.at(-1)) as [
    unknown,
    string,
  ];
}
