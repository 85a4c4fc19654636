import vendors from "ci-info/vendors.json" with { type: "json" };
import type { Definitions } from "../events/define.ts";
import type { DescribedField, JsonSchema } from "../events/described.ts";
import { fingerprint, schemaVersion } from "../events/fingerprint.ts";
import type { PayloadParts } from "../events/json-schema.ts";
import { agents } from "./agent.ts";
import { packageManagers } from "./build-facts.ts";
import { coarseCores, coarseMemory, coarseSpeeds } from "./coarse.ts";
import { cpuFamilies } from "./cpu-family.ts";
import type { MetadataLevel, WireMeta } from "./meta.ts";

/** What decides how a product's payloads look. */
export interface PayloadFacts {
  name: string;
  definitions: Definitions;
  metadata: MetadataLevel;
  identity: "installation" | "none";
  rotateDays: number;
  /** Who collects, for a collector's own page. */
  policyUrl?: string | undefined;
  publisher?: object | undefined;
}

/**
 * All that a request holds besides the events' own fields, described like those: the values that
 * meta.ts, coarse.ts and the tracker make, and no others.
 */
export function describePayload(facts: PayloadFacts): PayloadParts {
  return {
    name: facts.name,
    facts: told(facts),
    envelope: envelope(facts),
    context: context(facts),
    meta: Object.entries(meta(facts.metadata)).map(([name, field]) => ({ name, ...field })),
    event: event(facts),
  };
}

function told({ metadata, identity, rotateDays, policyUrl, publisher }: PayloadFacts) {
  return { metadata, identity, rotateDays, policyUrl, publisher };
}

type Unnamed = Omit<DescribedField, "name">;

function envelope({ definitions }: PayloadFacts): DescribedField[] {
  const digits = fingerprint(definitions);
  return [
    {
      name: "schemaVersion",
      ...constant(schemaVersion, "The version of this format.", "the number"),
    },
    { name: "definitions", ...constant(digits, "Names exactly these definitions.", "the word") },
    {
      name: "batchId",
      ...pattern(
        `^${uuid}(?:\\.[01])*$`,
        "A random id of this request, so that a repeat is counted once.",
        "UUID",
        "56f8b684-2a95-4453-91d5-590ac76d1d31",
      ),
    },
  ];
}

function event({ identity, metadata }: PayloadFacts): DescribedField[] {
  const isExact = metadata === "full";
  const end = isExact ? String.raw`\d\d:\d\d\.\d{3}` : "00:00\\.000";
  return [
    {
      name: "id",
      ...pattern(
        `^${uuid}$`,
        "A random id of this event, so that a repeat is counted once.",
        "UUID",
        "d3372ce5-9472-488f-912f-202521daf5e1",
      ),
    },
    {
      name: "timestamp",
      ...pattern(
        String.raw`^\d{4}-\d\d-\d\dT\d\d:${end}Z$`,
        isExact ? "When it happened." : "The hour in which it happened.",
        "ISO 8601, UTC",
        isExact ? "2026-11-20T19:42:07.113Z" : "2026-11-20T19:00:00.000Z",
      ),
    },
    ...(identity === "none" ? [firstOf()] : []),
  ];
}

function firstOf(): DescribedField {
  const periods = ["day", "week", "month"];
  const flags = periods.map((name) => [name, { type: "boolean" }]);
  const schema = {
    type: "object",
    properties: Object.fromEntries(flags),
    required: periods,
    additionalProperties: false,
  };
  return {
    name: "firstOf",
    isOptional: true,
    ...made(
      "Only on the machine's first event of a day (UTC): whether it is the first of its week (ISO " +
        "8601) and month too. The sums count active machines without an id. Never in CI and " +
        "throw-away containers.",
      "true or false, for each of the three",
      { day: true, week: false, month: false },
      schema,
    ),
  };
}

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const digits64 = "[0-9a-f]{64}";

function context({ identity, rotateDays }: PayloadFacts): DescribedField[] {
  const places = ["container", "ci.unknown", ...vendorIds().map((id) => `ci.${id}`)];
  const installation = made(
    `A random id of this installation, replaced by another every ${rotateDays} days. In CI and ` +
      "in throw-away containers there is none, and this names the kind of place.",
    "64 hexadecimal digits, null, or one of",
    "f57c2a1e0b3d4c5f6a7b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b",
    { anyOf: [{ type: "string", pattern: `^${digits64}$` }, { enum: places }, { type: "null" }] },
    places,
  );
  const nobody = always(null, "Always empty: no id is made, kept or sent.");
  return [
    { name: "anonymousId", ...(identity === "none" ? nobody : installation) },
    {
      name: "projectHash",
      ...(identity === "none"
        ? nobody
        : orNull(
            pattern(
              `^${digits64}$`,
              "SHA-256 of a salt that never leaves this machine and the project's name: tells a " +
                "project from another, and not which it is. Empty in CI and throw-away containers.",
              "64 hexadecimal digits",
              "cb76a5d4e3f2019182736455463728190a0b0c0d0e0f1a2b3c4d5e6f70819202",
            ),
          )),
    },
    {
      name: "sessionId",
      ...(identity === "none"
        ? nobody
        : orNull(
            pattern(
              `^${digits64}$`,
              "A random id of this run: one command, with the processes it started. Empty for the " +
                "counts of a day.",
              "64 hexadecimal digits",
              "37d05a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7081",
            ),
          )),
    },
  ];
}

function meta(level: MetadataLevel): Record<keyof WireMeta, Unnamed> {
  const described = level === "full" ? fullMachine() : coarseMachine();
  const all = {
    platform: oneOf(platforms, "The operating system, as Node.js names it.", "linux"),
    systemRelease: described.systemRelease,
    arch: oneOf(architectures, "The processor's architecture, as Node.js names it.", "x64"),
    cpuCores: described.cpuCores,
    cpuModel: described.cpuModel,
    cpuSpeed: described.cpuSpeed,
    memoryTotal: described.memoryTotal,
    isDocker: flag("Whether the machine is a Docker container."),
    isWsl: flag("Whether it is the Windows Subsystem for Linux."),
    isCI: flag("Whether the build ran in continuous integration."),
    ciName: orNull(oneOf(vendorNames(), "Which one; empty elsewhere.", "GitHub Actions")),
    runtime: oneOf(["node", "bun", "deno", "other"], "What ran the build.", "node"),
    runtimeVersion: pattern(runtimeVersion, "Its version.", "version", "22.1.0"),
    packageManager: orNull(
      oneOf([...packageManagers], "What started the build's script, if anything did.", "pnpm"),
    ),
    agent: orNull(oneOf(agents, "The coding agent that ran the build, if one did.", "claude")),
  };
  if (level !== "none") return all;
  const emptied = Object.entries(all).map(([name, { description }]) => [
    name,
    always(null, `Always empty. ${description}`),
  ]);
  return Object.fromEntries(emptied) as typeof all;
}

type Machine = Pick<
  Record<keyof WireMeta, Unnamed>,
  "systemRelease" | "cpuCores" | "cpuModel" | "cpuSpeed" | "memoryTotal"
>;

/** The lists of coarse.ts and cpu-family.ts. */
function coarseMachine(): Machine {
  return {
    systemRelease: pattern(
      String.raw`^(?:\d{1,3}(?:\.\d{1,3})?|other)$`,
      "The kernel's version, its first two numbers.",
      "two numbers, or other",
      "6.1",
    ),
    cpuCores: sizes(coarseCores, "Logical cores, rounded down.", 8),
    cpuModel: orNull(oneOf(cpuFamilies, "The processor's family.", "Intel Core i7")),
    cpuSpeed: orNull(sizes(coarseSpeeds, "The processor's clock in MHz, rounded.", 2500)),
    memoryTotal: sizes(coarseMemory, "Memory in MB, rounded down.", 32_000),
  };
}

function fullMachine(): Machine {
  return {
    systemRelease: text("The kernel's version.", "6.1.0-21-amd64"),
    cpuCores: number("Logical cores.", 8),
    cpuModel: orNull(text("The processor, as its vendor names it.", "Intel(R) Core(TM) i7-9750H")),
    cpuSpeed: orNull(number("The processor's clock in MHz.", 2600)),
    memoryTotal: number("Memory in MiB.", 31_941),
  };
}

/** `process.version` without its `v`; Bun's and Deno's are of the same form. */
const runtimeVersion = String.raw`^\d{1,6}(?:\.\d{1,6}){0,3}(?:[-+][\w.+-]{1,64})?$`;

/** As Node.js lists them. */
const platforms = [
  ...["aix", "android", "cygwin", "darwin", "freebsd", "haiku", "linux", "netbsd", "openbsd"],
  ...["sunos", "win32"],
];
const architectures = [
  ...["arm", "arm64", "ia32", "loong64", "mips", "mipsel", "ppc", "ppc64", "riscv64", "s390"],
  ...["s390x", "x64"],
];

function vendorIds(): string[] {
  return vendors.map(({ constant }) => constant.toLowerCase());
}

function vendorNames(): string[] {
  return [...new Set(vendors.map(({ name }) => name))];
}

function oneOf(values: readonly string[], description: string, example: string): Unnamed {
  return made(description, "one of", example, { enum: values }, values);
}

function sizes(values: readonly number[], description: string, example: number): Unnamed {
  return made(description, "one of", example, { enum: values }, values);
}

function flag(description: string): Unnamed {
  return made(description, "true or false", false, { type: "boolean" });
}

function number(description: string, example: number): Unnamed {
  return made(description, "number", example, { type: "number", minimum: 0 });
}

function text(description: string, example: string): Unnamed {
  return made(description, "as the system says", example, { type: "string" });
}

function pattern(source: string, description: string, type: string, example: string): Unnamed {
  return made(description, type, example, { type: "string", pattern: source });
}

function constant(value: string | number, description: string, type: string): Unnamed {
  return made(description, `${type} ${value}`, value, { const: value });
}

function always(value: null, description: string): Unnamed {
  return made(description, "null", value, { const: value });
}

function orNull(field: Unnamed): Unnamed {
  const { description, examples, ...schema } = field.schema;
  return {
    ...field,
    type: field.values ? `null, or ${field.type}` : `${field.type}, or null`,
    schema: { description, anyOf: [schema, { type: "null" }], examples },
  };
}

function made(
  description: string,
  type: string,
  example: unknown,
  schema: JsonSchema,
  values?: readonly (string | number)[],
): Unnamed {
  return {
    description,
    type,
    ...(values && { values }),
    example,
    schema: { description, ...schema, examples: [example] },
  };
}
