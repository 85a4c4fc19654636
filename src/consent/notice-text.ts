import type { AddedField, NoticeFacts, NoticeWording } from "./notice.ts";

/** The notice's words, for a machine that persists: shown once, and when more is collected. */

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
