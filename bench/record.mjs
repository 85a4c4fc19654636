// What the build pays for an event before it is written: `npm run bench:record`.
import { buildEvents, createTelemetry, defineEvents, field } from "sendoff";

const events = defineEvents({
  ...buildEvents,
  "page:seen": {
    description: "One field of each kind that costs something.",
    fields: {
      name: field.token({ pattern: /[a-z]+(-[a-z]+)*/, max: 32 }, "Matched."),
      sizes: field.bucket([0, 10, 100, 1000], "Looked up."),
      tags: field.listOf(field.oneOf(["js", "css", "html"], "One."), 10, "Several."),
      uses: field.mapOf(["js", "css", "html"], field.count(1000, "One."), "Several."),
    },
  },
  "page:rare": { description: "Left out.", fields: {}, sample: Number.MIN_VALUE },
});
const build = {
  success: false,
  duration: 1234.5,
  bundler: "webpack",
  bundlerVersion: "5.99.0",
  mode: "production",
  watch: false,
  nodeVersion: "22.1.0",
  errorPhase: "compile",
};
const page = { name: "a-b-c", sizes: 55, tags: ["js", "css", "vue"], uses: { js: 3, html: 1 } };
const cases = {
  "build:completed": { eventName: "build:completed", fields: { ...build, outputSize: 48_213 } },
  "build:failed, the last error listed": {
    eventName: "build:failed",
    fields: { ...build, errorType: buildEvents["build:failed"].fields.errorType.values.at(-1) },
  },
  "a field of each other kind": { eventName: "page:seen", fields: page },
  "sampled out": { eventName: "page:rare", fields: {} },
};

// A tracker holds 10,000 events in memory at most, and validates those beyond, too.
const capacity = 10_000;
let trackers = 0;

function time(event) {
  const telemetry = createTelemetry({
    name: `bench-${++trackers}`,
    version: "1.1.3",
    endpoint: "http://127.0.0.1:9/",
    events,
    // Whatever is set around: nothing of this is to be written.
    enabled: new Promise(() => {}),
  });
  const round = () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < capacity; i++) telemetry.record(event, true);
    return Number(process.hrtime.bigint() - start) / capacity / 1000;
  };
  return { queued: round(), validated: round() };
}

const shown = (microseconds) => `${microseconds.toFixed(2).padStart(7)} µs`;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const results = {};
for (const [name, event] of Object.entries(cases)) {
  const cold = time(event).queued;
  const rounds = Array.from({ length: 20 }, () => time(event));
  const [validated, queued] = ["validated", "queued"].map((key) =>
    median(rounds.map((round) => round[key])),
  );
  results[name] = { validated, queued, cold };
}
if (process.argv.includes("--json")) {
  console.log(JSON.stringify(results));
} else {
  console.log(`${"".padEnd(38)} validate   and queue`);
  for (const [name, { validated, queued, cold }] of Object.entries(results)) {
    const first = `(first 10,000: ${shown(cold).trim()})`;
    console.log(`${name.padEnd(38)}${shown(validated)} ${shown(queued)}   ${first}`);
  }
}
