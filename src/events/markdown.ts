import type { Definitions } from "./define.ts";
import { type DescribedField, describeEvent, groupFields } from "./described.ts";
import type { PayloadParts } from "./json-schema.ts";

/** What TELEMETRY.md says besides the fields. */
export interface PageFacts {
  name: string;
  definitions: Definitions;
  parts: PayloadParts;
  /** Hosts, files. */
  destinations: readonly string[];
  policyUrl: string | undefined;
  publisher: { name: string; contact?: string; host?: string; retentionDays?: number } | undefined;
  consent: "opt-out" | "opt-in";
  firstRun: "hold" | "send";
  ci: "send" | "skip";
  identity: "installation" | "none";
  metadata: "coarse" | "full" | "none";
  offVariables: readonly string[];
  debugVariable: string;
}

/**
 * TELEMETRY.md: everything that can leave, for the people it is about. It depends on the product's
 * definitions and options alone, so that `events --check` can compare it anywhere.
 */
export function telemetryPage(facts: PageFacts): string {
  const { definitions, name, parts } = facts;
  const lists = new LongLists();
  const names = Object.entries(definitions.events).map(
    ([eventName, definition]): [string, string] => [eventName, describeEvent(definition)],
  );
  const groups = groupFields(definitions).map(
    (group): Section => [`### Fields of ${group.events.join(" and ")}`, table(group.fields, lists)],
  );
  const sections: Section[] = [
    [
      `# What ${name} sends`,
      "<!-- Written from the definitions in the code by `events --markdown`: not to be edited by hand. -->",
      `${name} collects anonymous build telemetry: how long builds take, whether they succeed, and on ` +
        "what kind of machine. This page lists every field that can leave, and was written from " +
        "the definitions that the code holds each value to: what is not listed here is not sent. " +
        "None of it is text that somebody typed: no code, file names, messages or arguments.",
      rows(summary(facts)),
    ],
    ["## Turning it off", "Any one of these:", rows(waysOff(facts))],
    [
      "## Looking at it",
      rows([
        [`npx sendoff status --name ${name}`, "whether it is on here, and what decided"],
        [`npx sendoff show --name ${name}`, "what waits and what was sent, exactly as sent"],
        [`${facts.debugVariable}=dry`, "a build shows what it would send, and sends nothing"],
        [`npx sendoff erase --name ${name}`, "has what was sent deleted, here and there"],
      ]),
    ],
    [
      "## Every request",
      "One request holds the events of one process, and this:",
      table(parts.envelope, lists),
      "Who, without saying who (`context`):",
      table(parts.context, lists),
      `Where the build ran (\`meta\`), ${metadataWords[facts.metadata]}:`,
      table(parts.meta, lists),
    ],
    [
      "## Events",
      rows(names),
      "Each event has its name (`eventName`), some of its own fields (`fields`), and this:",
      table(parts.event, lists),
    ],
    ...groups,
    ...lists.sections(),
  ];
  return `${sections.flat().join("\n\n")}\n`;
}

type Section = string[];

const metadataWords = {
  coarse: "coarse, rounded to values that many machines share",
  full: "in full, as the system tells it",
  none: "left empty",
};

function summary(facts: PageFacts): [string, string][] {
  const { destinations, policyUrl, publisher, consent, firstRun, ci, identity } = facts;
  const { contact, host, retentionDays } = publisher ?? {};
  const kept = retentionDays === undefined ? "not stated" : `${retentionDays} days`;
  const begins =
    consent === "opt-in"
      ? "off until somebody agrees"
      : `on until turned off; the first run shows a notice${firstRun === "hold" ? " and sends nothing" : ""}`;
  return [
    ["sent to", destinations.join(", ")],
    ["by", [publisher?.name ?? "not stated", contact].filter(Boolean).join(", ")],
    ["kept", [kept, host && `by ${host}`].filter(Boolean).join(", ")],
    ...(policyUrl === undefined ? [] : [["more", policyUrl] as [string, string]]),
    ["consent", begins],
    ["in CI", ci === "skip" ? "off" : "on, without an id; one line of notice a run"],
    ["id", identity === "none" ? "none" : "random, kept on the machine"],
    ["machine", metadataWords[facts.metadata]],
  ];
}

function waysOff({ name, offVariables }: PageFacts): [string, string][] {
  return [
    [
      `npx sendoff disable --name ${name}`,
      "for good; also deletes what waits, the id and the salt",
    ],
    ...offVariables.map((variable): [string, string] => [`${variable}=1`, "where it is set"]),
    ["DO_NOT_TRACK=1", "where it is set, for every tool that honours it"],
    [`"${name}": { "telemetry": false }`, "in a project's package.json, for that project"],
    [`{ "telemetry": false }`, `in /etc/${name}/telemetry.json (on Linux), for a machine`],
  ];
}

/** Without a head: what is left is a name or a command, what is right says what it is. */
function rows(pairs: readonly [string, string][]): string {
  const lines = pairs.map(([left, right]) => {
    const isWords = /^[a-zA-Z ]+$/.test(left);
    return `| ${isWords ? cell(left) : code(left)} | ${cell(right)} |`;
  });
  return ["| | |", "| --- | --- |", ...lines].join("\n");
}

function table(fields: readonly DescribedField[], lists: LongLists): string {
  const lines = fields.map((field) => {
    const columns = [
      code(field.name),
      cell(field.description),
      lists.valueOf(field),
      code(JSON.stringify(field.example) ?? ""),
    ];
    return `| ${columns.join(" | ")} |`;
  });
  return ["| field | says | is | example |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

/** A list of more than a few values is told once, at the end of the page. */
class LongLists {
  readonly #lists = new Map<string, { heading: string; values: readonly (string | number)[] }>();

  valueOf({ name, type, values }: DescribedField): string {
    if (values === undefined) return cell(type);
    if (values.length <= 12) return `${cell(type)} ${values.map(codeOf).join(", ")}`;
    const key = JSON.stringify(values);
    const { heading } = this.#lists.get(key) ?? this.#added(key, name, values);
    return `${cell(type)} [${values.length} values](#${heading.toLowerCase().replaceAll(" ", "-")})`;
  }

  #added(key: string, name: string, values: readonly (string | number)[]) {
    const list = { heading: `Values of ${name}`, values };
    const taken = [...this.#lists.values()].filter(({ heading }) =>
      heading.startsWith(list.heading),
    );
    if (taken.length > 0) list.heading += ` ${taken.length + 1}`;
    this.#lists.set(key, list);
    return list;
  }

  sections(): Section[] {
    if (this.#lists.size === 0) return [];
    const lists = [...this.#lists.values()].flatMap(({ heading, values }) => [
      `### ${heading}`,
      values.map(codeOf).join(", "),
    ]);
    return [["## Lists", ...lists]];
  }
}

function codeOf(value: string | number): string {
  return code(String(value));
}

/** Nothing that a product's author writes may become a heading, a tag or another column. */
function text(words: string): string {
  return words
    .replace(/\s+/g, " ")
    .replace(/[<>&*_`[\]\\#]/g, (sign) => entities[sign] ?? `\\${sign}`);
}

const entities: Record<string, string> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" };

function cell(words: string): string {
  return text(words).replaceAll("|", "\\|");
}

function code(words: string): string {
  const fence = words.includes("`") ? "``" : "`";
  return `${fence}${words.replace(/\s+/g, " ").replaceAll("|", "\\|")}${fence}`;
}
