import { buildEvents, createTelemetry, defineEvents } from "sendoff";

/** What the author of a build tool writes; the sender is the package's own if none is named. */
export const telemetry = createTelemetry({
  name: "acme",
  version: "1.1.3",
  endpoint: "https://telemetry.acme.dev/v1/events",
  policyUrl: "https://acme.dev/telemetry",
  events: defineEvents({ ...buildEvents }),
  ...(process.env.SENDOFF_BENCH_SENDER && { sender: process.env.SENDOFF_BENCH_SENDER }),
});

export const event = {
  eventName: "build:completed",
  fields: {
    ...{ success: true, duration: 812, bundler: "webpack", bundlerVersion: "5.99.0" },
    ...{ mode: "production", watch: false, outputSize: 48_213, modulesCount: 812 },
  },
};
