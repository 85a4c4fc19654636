import { randomBytes, randomUUID } from "node:crypto";
import { payloadSchema } from "../../../src/events/json-schema.ts";
import { buildEvents, type Definitions, defineEvents, field } from "../../../src/index.ts";
import { describePayload, type PayloadFacts } from "../../../src/metadata/describe-payload.ts";
import { type Product, readProduct } from "../../src/definitions/product.ts";

/** Products and their requests, as a client makes them. */

export const acmeEvents = defineEvents(
  {
    ...buildEvents,
    "tools:listed": {
      description: "The tools of a project were listed.",
      fields: {
        tools: field.listOf(field.oneOf(["lint", "test"], "A tool."), 5, "The tools."),
        // The name of a build event's field, for something else.
        duration: field.oneOf(["short", "long"], "How long it felt."),
      },
    },
  },
  { common: { toolsCount: field.count(500, "How many tools there are.") } },
);

export function schemaOf(
  definitions: Definitions = acmeEvents,
  changes: Partial<PayloadFacts> = {},
) {
  const facts = {
    name: "acme",
    definitions,
    metadata: "coarse",
    identity: "installation",
    ...changes,
  };
  return payloadSchema(definitions, describePayload({ rotateDays: 365, ...facts } as PayloadFacts));
}

export function productOf(...of: Parameters<typeof schemaOf>): Product {
  return readProduct(JSON.parse(JSON.stringify(schemaOf(...of))), "acme.schema.json");
}

export function hexId(): string {
  return randomBytes(32).toString("hex");
}

/** What a sender would POST; each part can be another. */
export function requestOf(product: Pick<Product, "fingerprint">, changes: object = {}) {
  return {
    schemaVersion: 1,
    definitions: product.fingerprint,
    batchId: randomUUID(),
    context: { anonymousId: hexId(), projectHash: hexId(), sessionId: hexId() },
    meta: { ...meta },
    events: [eventOf()],
    ...changes,
  };
}

/** @param at coarse metadata tells the hour. */
export function eventOf(changes: object = {}, at = new Date()) {
  return {
    id: randomUUID(),
    eventName: "build:completed",
    timestamp: `${at.toISOString().slice(0, 13)}:00:00.000Z`,
    fields: { success: true, duration: 812, bundler: "webpack", toolsCount: 3 },
    ...changes,
  };
}

export const meta = {
  platform: "linux",
  systemRelease: "6.1",
  arch: "x64",
  cpuCores: 8,
  cpuModel: "AMD EPYC",
  cpuSpeed: 2500,
  memoryTotal: 32_000,
  isDocker: false,
  isWsl: false,
  isCI: false,
  ciName: null,
  runtime: "node",
  runtimeVersion: "22.1.0",
  packageManager: "pnpm",
  agent: null,
};
