import { buildEvents } from "../../../src/events/build-events.ts";
import { defineEvents } from "../../../src/events/define.ts";
import { field } from "../../../src/events/fields.ts";
import { payloadSchema } from "../../../src/events/json-schema.ts";
import { describePayload } from "../../../src/metadata/describe-payload.ts";

/**
 * A product that nobody makes, so that made-up numbers stand under nobody's name: a framework for
 * MCP servers, which sends what xmcp sends, and one field of each other kind.
 */
const common = {
  toolsCount: field.count(10_000, "How many tools the project defines."),
  reactToolsCount: field.count(10_000, "How many of its tools are React components."),
  promptsCount: field.count(10_000, "How many prompts the project defines."),
  resourcesCount: field.count(10_000, "How many resources the project defines."),
  transport: field.oneOf(["http", "stdio"], "How clients reach the server."),
  adapter: field.oneOf(
    ["none", "express", "nextjs", "nestjs", "fastify"],
    "The framework the server is mounted in.",
  ),
  typescript: field.boolean("Whether the project is written in TypeScript."),
  features: field.listOf(
    field.oneOf(["auth", "cache", "middleware", "oauth", "paywall", "widgets"], "A feature."),
    6,
    "The features that are switched on.",
  ),
  filesByKind: field.mapOf(
    ["ts", "tsx", "js", "css", "json"],
    field.count(100_000, "How many."),
    "How many source files of each kind there are.",
  ),
};

export const demoName = "acme";
export const demoDefinitions = defineEvents({ ...buildEvents }, { common, counts: ["toolCall"] });

/** As `acme telemetry events --json-schema` would write it. */
export function demoSchema() {
  return payloadSchema(
    demoDefinitions,
    describePayload({
      name: demoName,
      definitions: demoDefinitions,
      metadata: "coarse",
      identity: "installation",
      rotateDays: 365,
      policyUrl: "https://acme.example/telemetry",
      publisher: {
        name: "Acme, a made-up company",
        contact: "privacy@acme.example",
        host: "your own machine",
        retentionDays: 90,
      },
    }),
  );
}
