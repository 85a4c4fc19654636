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
  publisher: Publisher | undefined;
  offVariable: string;
  /** Whether what this run records waits for the next run. */
  hold: boolean;
}

/** Who collects, as far as a product states it. */
export interface Publisher {
  /** Such as `Acme Ltd`. */
  name: string;
  /** Where to ask: an address, or a page. */
  contact?: string;
  /** Who keeps what is sent, and where, such as `Hetzner, Germany`. */
  host?: string;
  /** How long it is kept. */
  retentionDays?: number;
}

/** A notice in a product's own words; `added` is empty on a machine that has never seen one. */
export type NoticeWording = (facts: NoticeFacts & { added: readonly AddedField[] }) => string;

export interface AddedField {
  /** `event.field`, or what else is new, such as `metadata`. */
  path: string;
  description: string;
}

/** What was told on this machine, and when. */
export interface NoticeRecord {
  /** Milliseconds since 1970. */
  shownAt: number;
  /** `event.field`, each told by then. */
  fields: string[];
  /** What was told besides fields; absent in the record of a version that didn't keep it. */
  terms?: string[];
  /** The last notice, as it was shown. */
  text?: string;
}

export function readNotices(file: string): NoticeRecord | undefined {
  const { shownAt, fields, terms, text } = readJson<NoticeRecord>(file) ?? {};
  if (typeof shownAt !== "number" || !Array.isArray(fields)) return undefined;
  return {
    shownAt,
    fields: words(fields),
    ...(Array.isArray(terms) && { terms: words(terms) }),
    ...(typeof text === "string" && { text }),
  };
}

function words(list: readonly unknown[]): string[] {
  return list.filter((word) => typeof word === "string");
}

/** The whole notice, for a machine that has never seen it. */
export function firstNotice(facts: NoticeFacts): string {
  const by = facts.publisher ? ` (${facts.publisher.name})` : "";
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
    ...added.map(addedRow),
    ...rows(facts),
  ]);
}

/**
 * The product's own words, and below them whatever they leave out that has to be told. Undefined
 * where there are none after all: then ours have to do.
 */
export function wordedNotice(
  wording: NoticeWording,
  facts: NoticeFacts,
  added: readonly AddedField[],
): string | undefined {
  const text = wordsOf(wording, { ...facts, added });
  if (text === undefined) return undefined;
  const { name, destinations, policyUrl, offVariable } = facts;
  const tells = (words: string) => text.toLowerCase().includes(words.toLowerCase());
  const isOffTold = [offVariable, offCommand(name), `${name} telemetry disable`].some(tells);
  return lines([
    text,
    ...added.filter(({ description }) => !tells(description)).map(addedRow),
    ...(tells(name) ? [] : [row("Product", name)]),
    ...(destinations.every(tells) ? [] : [sentTo(facts)]),
    ...(policyUrl === undefined || tells(policyUrl) ? [] : [row("Details", policyUrl)]),
    ...(isOffTold ? [] : [turnOff(facts)]),
  ]);
}

/** Undefined for an error, and for what is no text. */
function wordsOf(...[wording, facts]: [NoticeWording, Parameters<NoticeWording>[0]]) {
  try {
    const text: unknown = wording(facts);
    if (typeof text === "string") return text.trim() || undefined;
    // A promise that is rejected, and that nobody awaits, would end the build's process.
    Promise.resolve(text).catch(() => {});
    return undefined;
  } catch {
    return undefined;
  }
}

/** For CI and throw-away containers, once a run. */
export function lineNotice(facts: NoticeFacts): string {
  const page = facts.policyUrl ? `, see ${facts.policyUrl}` : "";
  return `${facts.name}: anonymous build telemetry goes to ${facts.destinations.join(", ")}${page}; ${facts.offVariable}=1 turns it off\n`;
}

function rows(facts: NoticeFacts): string[] {
  const { policyUrl, publisher } = facts;
  const { host, retentionDays, contact } = publisher ?? {};
  const stored = [host, retentionDays && `for ${retentionDays} days`].filter(Boolean).join(", ");
  return [
    sentTo(facts),
    ...(stored ? [row("Stored", stored)] : []),
    ...(contact ? [row("Contact", contact)] : []),
    ...(policyUrl ? [row("Details", policyUrl)] : []),
    turnOff(facts),
  ];
}

function sentTo({ destinations, hold }: NoticeFacts): string {
  return row("Sent to", `${destinations.join(", ")}${hold ? ", from the next run on" : ""}`);
}

function turnOff({ name, offVariable }: NoticeFacts): string {
  return row("Turn off", `${offVariable}=1, or: ${offCommand(name)}`);
}

function offCommand(name: string): string {
  return `npx sendoff disable --name ${name}`;
}

function addedRow({ path, description }: AddedField): string {
  return `  + ${path}: ${description}`;
}

function row(what: string, value: string): string {
  return `  ${`${what}:`.padEnd(11)}${value}`;
}

function lines(text: readonly string[]): string {
  return `\n${text.join("\n")}\n\n`;
}
