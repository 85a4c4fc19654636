import { buildEvents, createTelemetry, defineEvents, field } from "sendoff";
import { config } from "./config.mjs";

/**
 * Made as acme starts, when neither the configuration nor the command line has been read: until
 * `enabled` resolves nothing is written, shown or started.
 */
export const telemetry = createTelemetry({
  name: "acme",
  version: "1.1.3",
  endpoint: "https://telemetry.acme.dev/v1/events",
  policyUrl: "https://acme.dev/telemetry",
  publisher: { name: "Acme Ltd", contact: "privacy@acme.dev", retentionDays: 365 },
  events: defineEvents(
    { ...buildEvents },
    { common: { pagesCount: field.count(10_000, "How many pages the site has.") } },
  ),
  enabled: config.then(({ telemetry }) => telemetry !== false),
});
