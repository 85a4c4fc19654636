import { readFileSync } from "node:fs";
import { type DescribedField, describeEvent, groupFields } from "../../events/described.ts";
import { batchSchema, payloadSchema } from "../../events/json-schema.ts";
import { type PageFacts, telemetryPage } from "../../events/markdown.ts";
import { describePayload } from "../../metadata/describe-payload.ts";
import { destination } from "../../support/sinks.ts";
import type { ResolvedOptions } from "../../tracker/options.ts";
import { type Command, type CommandContext, Misuse } from "../command.ts";
import { aligned, listed, type Terminal, wrapped } from "../terminal.ts";

export const events: Command = {
  summary: "every field that can be sent, with what it says, what it is, and an example",
  usage: "[--json-schema | --batch-schema | --markdown | --check FILE]",
  details: [],
  options: {
    "json-schema": { type: "boolean" },
    "batch-schema": { type: "boolean" },
    markdown: { type: "boolean" },
    check: { type: "string" },
  },
  optionWords: [
    ["--json-schema", "the schema of a request's body (2020-12)"],
    ["--batch-schema", "the schema of a batch file, for programs in other languages"],
    ["--markdown", "the page TELEMETRY.md"],
    ["--check FILE", "fails where that page and the definitions differ, for CI"],
  ],
  run({ access, terminal, values, call }) {
    const { name, options } = access;
    if (!options) {
      terminal.complain(
        `What ${name} can send stands in ${name} itself: run \`${name} telemetry events\`, or\n` +
          "`npx sendoff events --from FILE` with a module that exports its tracker.",
      );
      return 1;
    }
    const asked = ["json-schema", "batch-schema", "markdown", "check"].filter(
      (word) => values[word] !== undefined,
    );
    if (asked.length > 1) throw new Misuse(`--${asked.join(" and --")} don't go together.`);
    if (values["json-schema"]) {
      const schema = payloadSchema(options.definitions, describePayload(options));
      terminal.print(JSON.stringify(schema, null, 2));
      return 0;
    }
    if (values["batch-schema"]) {
      const { definitions, metadata, productSinks: sinks } = options;
      const schema = batchSchema(definitions, describePayload(options), { sinks, metadata });
      terminal.print(JSON.stringify(schema, null, 2));
      return 0;
    }
    const page = telemetryPage(pageFacts(options));
    if (values.markdown) {
      terminal.print(page.trimEnd());
      return 0;
    }
    if (typeof values.check === "string") return check(values.check, page, { terminal, call });
    list(options, terminal);
    return 0;
  },
};

function pageFacts(options: ResolvedOptions): PageFacts {
  return {
    ...options,
    parts: describePayload(options),
    destinations: [...new Set(options.productSinks.map(destination))],
    debugVariable: options.debugVariables[0] as string,
  };
}

/** Line endings don't count: Git changes them on Windows. */
function check(
  file: string,
  page: string,
  { terminal, call }: Pick<CommandContext, "terminal" | "call">,
): number {
  const fix = `Write it anew: ${call("events --markdown")} > ${file}`;
  let text: string;
  try {
    text = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    terminal.complain(
      `${file} ${code === "ENOENT" ? "is not there" : `can't be read (${code})`}.\n${fix}`,
    );
    return 1;
  }
  if (text === page) {
    terminal.print(`${file} says what is sent.`);
    return 0;
  }
  const [is, should] = [text.split("\n"), page.split("\n")];
  const line = should.findIndex((words, i) => words !== is[i]);
  const at = line === -1 ? should.length : line;
  terminal.complain(
    [
      `${file} and the definitions differ, first in line ${at + 1}:`,
      `  it says     ${is[at] ?? "(nothing)"}`,
      `  should say  ${should[at] ?? "(nothing)"}`,
      fix,
    ].join("\n"),
  );
  return 1;
}

function list({ definitions, ...options }: ResolvedOptions, terminal: Terminal): void {
  const { bold } = terminal.style;
  const { context, envelope, event, meta } = describePayload({ definitions, ...options });
  const print = (heading: string, fields: readonly DescribedField[]) => {
    const left = Math.max(...fields.map(({ name }) => name.length)) + 4;
    const rows = fields.map((field) => [field.name, words(field, terminal, left)] as const);
    terminal.print(`\n${bold(heading)}`);
    terminal.print(aligned(rows));
  };
  const all = Object.entries(definitions.events);
  terminal.print(
    aligned(
      all.map(([name, definition]) => [name, describeEvent(definition)] as const),
      "",
    ),
  );
  for (const { events, fields } of groupFields(definitions)) {
    const verb = events.length === 1 ? "has" : "have";
    print(`${listed(events)} ${verb}`, fields);
  }
  print("Every event has", event);
  print("Every request has", envelope);
  print("and says who (context), without saying who", context);
  print(`and where the build ran (meta), ${options.metadata}`, meta);
  terminal.print("\nNothing else can be sent.");
}

/** What it says, and below what it is, with an example. */
function words(field: DescribedField, { style, width }: Terminal, left: number): string {
  const { description, example, type, values } = field;
  const shown = JSON.stringify(example) ?? "null";
  const short = shown.length > 40 ? `${shown.slice(0, 20)}…"` : shown;
  const isTold = values?.includes(example as string) || type.includes(String(example));
  const all = values === undefined ? "" : ` ${someOf(values, example)}`;
  const lines = wrapped(`${type}${all}${isTold ? "" : `; such as ${short}`}`, width - left);
  const dimmed = lines.split("\n").map(style.dim).join("\n");
  return `${wrapped(description, width - left)}\n${dimmed}`;
}

/** A long list by its first words; whoever wants the whole asks for the page or the schema. */
function someOf(values: readonly (string | number)[], example: unknown): string {
  if (values.join(", ").length <= 60) return values.join(", ");
  const some = [...new Set([example as string, ...values])].filter((value) =>
    values.includes(value),
  );
  return `${some.slice(0, 3).join(", ")}, … (${values.length} in all)`;
}
