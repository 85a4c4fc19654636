import path from "node:path";
import type { NoticeWording, PreferencesFile, Publisher } from "../consent/index.ts";
import { isPlainVersion } from "../events/accept.ts";
import { isDefinitions } from "../events/define.ts";
import { envPrefix } from "../support/env.ts";
import { isRecord } from "../support/files.ts";
import { rotateDaysDefault } from "../support/limits.ts";
import { readableEnv } from "../support/permissions.ts";
import { isLoopbackUrl, type SinkOptions, sinkProblem, urlProblem } from "../support/sinks.ts";
import type { ResolvedOptions, TelemetryOptions } from "./options.ts";

/** @throws TypeError that names the option and says what it takes. */
export function resolveOptions(options: TelemetryOptions): ResolvedOptions {
  if (!isRecord(options)) throw new TypeError("createTelemetry takes an object of options.");
  const {
    name,
    version,
    endpoint,
    events,
    policyUrl,
    enabled,
    consent,
    firstRun,
    ci,
    metadata,
    identity,
    rotateDays = rotateDaysDefault,
    sinks,
    flushEvery,
    exitWait,
    sender,
    preferences,
    env,
    publisher,
    notice,
    ...others
  } = options;
  // One that is misspelt may be the one that turns it off.
  for (const other in others) throw misuse(other, "is no option: check its name");
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    throw misuse("name", 'takes lower case letters, digits and hyphens, such as "acme"');
  }
  if (
    typeof version !== "string" ||
    !(isPlainVersion(version) || /^v?\d{1,6}(\.\d{1,6}){0,3}([-+][\w.+-]{1,64})?$/.test(version))
  ) {
    throw misuse("version", 'takes the product\'s version, such as "1.1.3"');
  }
  const problem = urlProblem(endpoint);
  if (problem) throw misuse("endpoint", problem);
  if (!isDefinitions(events)) {
    throw misuse("events", "takes what defineEvents({ ...buildEvents }) returns");
  }
  const prefix = envPrefix(name);
  const productSinks = sinksOption(sinks, endpoint);
  const override = readableEnv()[`${prefix}_TELEMETRY_ENDPOINT`];
  const { alsoRead } = parts("preferences", alsoReadTaken, ["alsoRead"], preferences);
  const { disabled, debug } = parts("env", envTaken, ["disabled", "debug"], env);
  return {
    name,
    version,
    definitions: events,
    policyUrl: page("policyUrl", policyUrl),
    enabled: enabledOption(enabled),
    consent: choice("consent", consent, ["opt-out", "opt-in"]),
    firstRun: choice("firstRun", firstRun, ["hold", "send"]),
    ci: choice("ci", ci, ["send", "skip"]),
    metadata: choice("metadata", metadata, ["coarse", "full", "none"]),
    identity: choice("identity", identity, ["installation", "none"]),
    rotateDays: days("rotateDays", rotateDays),
    sinks: isOverride(override) ? [{ type: "http", url: override }] : productSinks,
    productSinks,
    flushEvery: milliseconds("flushEvery", flushEvery),
    exitWait: milliseconds("exitWait", exitWait),
    sender: senderOption(sender),
    alsoRead: preferencesFiles(alsoRead),
    offVariables: [`${prefix}_TELEMETRY_DISABLED`, ...variables(disabled)],
    debugVariables: [`${prefix}_DEBUG_TELEMETRY`, ...variables(debug)],
    sessionVariable: `${prefix}_TELEMETRY_SESSION`,
    publisher: publisherOption(publisher),
    notice: noticeOption(notice),
  };
}

/** An option that is an object with some of these keys. */
function parts<Parts extends object>(
  option: string,
  takes: string,
  keys: readonly string[],
  given: Partial<Parts> = {},
): Partial<Parts> {
  if (isRecord(given) && Object.keys(given).every((key) => keys.includes(key))) return given;
  throw misuse(option, takes);
}

/** The variable takes loopback addresses only: nobody's environment redirects a user's data. */
function isOverride(url: string | undefined): url is string {
  return url !== undefined && isLoopbackUrl(url);
}

function sinksOption(sinks: TelemetryOptions["sinks"], endpoint: string): SinkOptions[] {
  const given = sinks ?? [{ type: "http", url: endpoint }];
  if (!Array.isArray(given) || given.length === 0) throw misuse("sinks", "takes a list of sinks");
  for (const sink of given) {
    const problem = sinkProblem(sink);
    if (problem) throw misuse("sinks", problem);
  }
  return [...given];
}

function enabledOption(
  enabled: boolean | Promise<boolean> | undefined,
): boolean | Promise<boolean> {
  if (enabled === undefined || typeof enabled === "boolean") return enabled ?? true;
  if (typeof enabled === "object" && typeof enabled?.then === "function") return enabled;
  throw misuse("enabled", "takes true, false, or a promise of either");
}

function choice<const Word extends string>(
  option: string,
  given: Word | undefined,
  words: readonly [Word, ...Word[]],
): Word {
  if (given === undefined) return words[0];
  if (words.includes(given)) return given;
  throw misuse(option, `takes ${words.map((word) => `"${word}"`).join(" or ")}`);
}

function days(option: string, given: number): number {
  if (Number.isFinite(given) && given >= 1) return given;
  throw misuse(option, "takes a number of days, 1 or more");
}

function senderOption(sender: string | URL | undefined): string | URL | undefined {
  const file = sender === undefined ? undefined : String(sender);
  if (file === undefined || file.startsWith("file:") || path.isAbsolute(file)) return sender;
  throw misuse(
    "sender",
    'takes an absolute path or a file URL, such as path.join(__dirname, "sender.js")',
  );
}

function preferencesFiles(files: readonly PreferencesFile[] = []): readonly PreferencesFile[] {
  const areFiles =
    Array.isArray(files) &&
    files.every(
      (entry) =>
        isRecord(entry) &&
        typeof entry.file === "string" &&
        entry.file !== "" &&
        (entry.format === "flat" || entry.format === "nested"),
    );
  // The sender reads them too, and works in another folder.
  if (areFiles) return files.map((entry) => ({ ...entry, file: resolved(entry.file) }));
  throw misuse("preferences", alsoReadTaken);
}

const alsoReadTaken = 'takes { alsoRead: [{ file, format }] }, each a path and "flat" or "nested"';
const envTaken = "takes { disabled, debug }, each a list of names of variables";

/** As it is where the working directory is gone, in which nothing is recorded. */
function resolved(file: string): string {
  try {
    return path.resolve(file);
  } catch {
    return file;
  }
}

function variables(names: readonly string[] = []): readonly string[] {
  if (Array.isArray(names) && names.every((name) => typeof name === "string" && /^\w+$/.test(name)))
    return names;
  throw misuse("env", envTaken);
}

function publisherOption(publisher: Publisher | undefined): Publisher | undefined {
  if (publisher === undefined) return undefined;
  const { name, contact, host, retentionDays, ...others } = isRecord(publisher) ? publisher : {};
  const isStated =
    isLine(name) &&
    Object.keys(others).length === 0 &&
    [contact, host].every((line) => line === undefined || isLine(line)) &&
    (retentionDays === undefined || (Number.isInteger(retentionDays) && Number(retentionDays) > 0));
  if (isStated) return publisher;
  throw misuse(
    "publisher",
    "takes { name, contact, host, retentionDays }: a name, and further lines and whole days or none",
  );
}

/** Printed on a terminal: no line breaks, no control characters. */
function isLine(value: unknown): boolean {
  return typeof value === "string" && /^[^\p{Cc}]*\S[^\p{Cc}]*$/u.test(value);
}

function noticeOption(notice: NoticeWording | undefined): NoticeWording | undefined {
  if (notice === undefined || typeof notice === "function") return notice;
  throw misuse("notice", "takes a function that returns the text: (facts) => string");
}

function milliseconds(option: string, given = 0): number {
  if (Number.isFinite(given) && given >= 0) return given;
  throw misuse(option, "takes milliseconds, 0 or more");
}

function page(option: string, url: string | undefined): string | undefined {
  if (url === undefined || (typeof url === "string" && /^https?:\/\/[^\s\p{Cc}]+$/u.test(url)))
    return url;
  throw misuse(option, "takes the URL of a page");
}

function misuse(option: string, takes: string): TypeError {
  return new TypeError(`createTelemetry: "${option}" ${takes}.`);
}
