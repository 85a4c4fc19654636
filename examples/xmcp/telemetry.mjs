import { buildEvents, createTelemetry, defineEvents } from "sendoff";

/** What the author of a build tool called acme writes, once. */
export const telemetry = createTelemetry({
  name: "acme",
  version: "1.1.3",
  endpoint: "https://telemetry.acme.dev/v1/events",
  policyUrl: "https://acme.dev/telemetry",
  events: defineEvents({ ...buildEvents }),
});
