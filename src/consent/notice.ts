import { readJson } from "../support/files.ts";
import { backoffMaxMs } from "../support/limits.ts";

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

/**
 * Whether what a run records waits for a later run. A notice of the day after tomorrow was shown by a
 * clock that has moved since.
 */
export function holdsBack(shownAt: number, runStartedAt: number, now: number): boolean {
  return runStartedAt <= shownAt && shownAt - now <= backoffMaxMs;
}

function words(list: readonly unknown[]): string[] {
  return list.filter((word) => typeof word === "string");
}

/** For CI and throw-away containers, once a run. */
export function lineNotice(facts: NoticeFacts): string {
  const page = facts.policyUrl ? `, see ${facts.policyUrl}` : "";
  return `${facts.name}: anonymous build telemetry goes to ${facts.destinations.join(", ")}${page}; ${facts.offVariable}=1 turns it off\n`;
}
