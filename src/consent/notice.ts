import { readJson } from "../support/files.ts";

/**
 * The notice: what is collected, where it goes, how to turn it off, told on stderr before the
 * first byte leaves. It is told again when the definitions grow, and then lists what was added.
 */
export interface NoticeFacts {
  name: string;
  /** Hosts, or files, that events go to. */
  destinations: readonly string[];
  policyUrl: string | undefined;
  publisher: string | undefined;
  offVariable: string;
  /** Whether what this run records waits for the next run. */
  hold: boolean;
}

export interface AddedField {
  path: string;
  description: string;
}

/** What was told on this machine, and when. */
export interface NoticeRecord {
  /** Milliseconds since 1970. */
  shownAt: number;
  /** `event.field`, each told by then. */
  fields: string[];
}

export function readNotices(file: string): NoticeRecord | undefined {
  const { shownAt, fields } = readJson<NoticeRecord>(file) ?? {};
  if (typeof shownAt !== "number" || !Array.isArray(fields)) return undefined;
  return { shownAt, fields: fields.filter((name) => typeof name === "string") };
}

/** The whole notice, for a machine that has never seen it. */
export function firstNotice(facts: NoticeFacts): string {
  const by = facts.publisher ? ` (${facts.publisher})` : "";
  return lines([
    `${facts.name}${by} collects anonymous build telemetry: how long builds take, whether they`,
    "succeed, and on what kind of machine. Never code, file names, messages or arguments.",
    ...rows(facts),
  ]);
}

/** For a machine that has seen a notice when less was collected. */
export function grownNotice(facts: NoticeFacts, added: readonly AddedField[]): string {
  return lines([
    `${facts.name} now collects more in its anonymous build telemetry:`,
    ...added.map(({ path, description }) => `  + ${path}: ${description}`),
    ...rows(facts),
  ]);
}

/** For CI and throw-away containers, once a run. */
export function lineNotice(facts: NoticeFacts): string {
  const page = facts.policyUrl ? `, see ${facts.policyUrl}` : "";
  return `${facts.name}: anonymous build telemetry goes to ${facts.destinations.join(", ")}${page}; ${facts.offVariable}=1 turns it off\n`;
}

function rows(facts: NoticeFacts): string[] {
  const from = facts.hold ? ", from the next run on" : "";
  return [
    `  Sent to:   ${facts.destinations.join(", ")}${from}`,
    ...(facts.policyUrl ? [`  Details:   ${facts.policyUrl}`] : []),
    `  Turn off:  ${facts.offVariable}=1, or: npx sendoff disable --name ${facts.name}`,
  ];
}

function lines(text: readonly string[]): string {
  return `\n${text.join("\n")}\n\n`;
}
