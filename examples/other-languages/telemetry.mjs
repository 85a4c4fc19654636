import { buildEvents, commandEvents, createTelemetry, defineEvents } from "sendoff";

/** acme is a program in JavaScript; its `acme lint` is one in Python. They share these definitions. */
export const telemetry = createTelemetry({
  name: "acme",
  version: "1.1.3",
  endpoint: process.env.ACME_EXAMPLE_ENDPOINT ?? "https://telemetry.acme.dev/v1/events",
  policyUrl: "https://acme.dev/telemetry",
  events: defineEvents({
    ...buildEvents,
    ...commandEvents({ commands: ["build", "lint"], flags: ["fix", "watch"] }),
  }),
});
