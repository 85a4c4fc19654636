import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import { buildEvents } from "../../src/events/build-events.ts";
import { defineEvents } from "../../src/events/define.ts";
import type { TelemetryOptions } from "../../src/tracker/options.ts";
import { resolveOptions } from "../../src/tracker/resolve-options.ts";

afterEach(() => vi.unstubAllEnvs());

const required = {
  name: "acme",
  version: "1.1.3",
  endpoint: "https://telemetry.acme.dev/v1/events",
  events: defineEvents({ ...buildEvents }),
};
const resolve = (given: object = {}) =>
  resolveOptions({ ...required, ...given } as TelemetryOptions);
const file = process.platform === "win32" ? "C:\\acme\\file" : "/acme/file";

test("what a product doesn't say has a default", () => {
  expect(resolve()).toMatchObject({
    name: "acme",
    version: "1.1.3",
    definitions: required.events,
    policyUrl: undefined,
    enabled: true,
    consent: "opt-out",
    firstRun: "hold",
    ci: "send",
    metadata: "coarse",
    identity: "installation",
    rotateDays: 365,
    sinks: [{ type: "http", url: required.endpoint }],
    flushEvery: 0,
    exitWait: 0,
    sender: undefined,
    alsoRead: [],
    offVariables: ["ACME_TELEMETRY_DISABLED"],
    debugVariables: ["ACME_DEBUG_TELEMETRY"],
    sessionVariable: "ACME_TELEMETRY_SESSION",
    publisher: undefined,
  });
});

describe("what a product says counts", () => {
  const alsoRead = [{ file, format: "nested", optOutOnly: true }];
  const sinks = [
    { type: "file", path: file },
    { type: "udp", host: "127.0.0.1", port: 8125 },
    { type: "posthog", host: "https://eu.i.posthog.com", apiKey: "phc_1" },
    { type: "module", path: file, options: { a: 1 } },
    { type: "http", url: "http://127.0.0.1:3000/" },
  ];
  test.each<[option: string, given: unknown, resolved?: object]>([
    ["name", "acme-cli-2", { offVariables: ["ACME_CLI_2_TELEMETRY_DISABLED"] }],
    ["version", "v2"],
    ["version", "1.2.3-rc.1+build.5"],
    [
      "endpoint",
      "http://localhost:3000/",
      { sinks: [{ type: "http", url: "http://localhost:3000/" }] },
    ],
    ["policyUrl", "https://acme.dev/telemetry"],
    ["enabled", false],
    ["consent", "opt-in"],
    ["firstRun", "send"],
    ["ci", "skip"],
    ["metadata", "full"],
    ["metadata", "none"],
    ["identity", "none"],
    ["rotateDays", 1],
    ["flushEvery", 60_000],
    ["exitWait", 500.5],
    ["sinks", sinks],
    ["sender", file],
    ["sender", pathToFileURL(file)],
    ["sender", pathToFileURL(file).href],
    ["preferences", { alsoRead }, { alsoRead }],
    ["preferences", {}, { alsoRead: [] }],
    ["env", { disabled: ["NO_ACME"] }, { offVariables: ["ACME_TELEMETRY_DISABLED", "NO_ACME"] }],
    ["env", { debug: ["ACME_DEBUG"] }, { debugVariables: ["ACME_DEBUG_TELEMETRY", "ACME_DEBUG"] }],
  ])("%s: %j", (option, given, resolved = { [option]: given }) => {
    expect(resolve({ [option]: given })).toMatchObject(resolved);
  });

  test("enabled: a promise", () => {
    const enabled = Promise.resolve(false);
    expect(resolve({ enabled }).enabled).toBe(enabled);
  });
});

describe("a mistake throws, naming the option and what it takes", () => {
  test.each<[option: string, given: unknown[], takes: RegExp]>([
    [
      "name",
      [
        undefined,
        "",
        "Acme",
        "acme cli",
        "acme/cli",
        "@acme/cli",
        "../acme",
        "9acme",
        "a".repeat(41),
        5,
        null,
      ],
      /takes lower case letters, digits and hyphens, such as "acme"/,
    ],
    [
      "version",
      [undefined, "", "latest", "1.x", "1.2.3.4.5", "1.2.3 ", "^1.2.3", "1.2.3-\n", 1, null],
      /takes the product's version, such as "1.1.3"/,
    ],
    [
      "endpoint",
      [undefined, "", "telemetry.acme.dev", "/v1/events", 5, null, new URL("https://acme.dev")],
      /is not a URL: pass an https URL as a string, or http to a loopback address/,
    ],
    [
      "endpoint",
      ["http://telemetry.acme.dev/", "http://192.168.0.1/"],
      /sends in the clear to another machine: pass an https URL/,
    ],
    ["endpoint", ["ftp://127.0.0.1/"], /has the protocol ftp: pass an https URL/],
    ["endpoint", ["https://jo:secret@acme.dev/"], /holds a user name or password: leave them out/],
    [
      "events",
      [undefined, null, {}, buildEvents, { events: {}, counts: [] }, []],
      /takes what defineEvents\(\{ \.\.\.buildEvents \}\) returns/,
    ],
    [
      "policyUrl",
      ["acme.dev/telemetry", "", 5, null, "mailto:jo@acme.dev", "https://a.dev/\u001b[2J"],
      /takes the URL of a page/,
    ],
    ["enabled", ["false", 0, null, {}, () => false], /takes true, false, or a promise of either/],
    ["consent", ["optout", true, null], /takes "opt-out" or "opt-in"/],
    ["firstRun", ["wait", false, null], /takes "hold" or "send"/],
    ["ci", ["on", false, null], /takes "send" or "skip"/],
    ["metadata", ["fine", true, null], /takes "coarse" or "full" or "none"/],
    ["identity", ["user", null], /takes "installation" or "none"/],
    ["rotateDays", [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "365"], /takes a number of days/],
    [
      "flushEvery",
      [-1, Number.NaN, Number.POSITIVE_INFINITY, "1"],
      /takes milliseconds, 0 or more/,
    ],
    ["exitWait", [-1, Number.NaN, "1"], /takes milliseconds, 0 or more/],
    [
      "sinks",
      [[], "https://acme.dev", 5, null, { type: "http" }].slice(0, 3),
      /takes a list of sinks/,
    ],
    ["sinks", [[{ type: "http" }]], /has a url that is not a URL: pass an https URL/],
    ["sinks", [[{ type: "http", url: "http://acme.dev/" }]], /has a url that sends in the clear/],
    [
      "sinks",
      [[{ type: "file", path: "events.jsonl" }]],
      /has a file sink whose path is not absolute/,
    ],
    [
      "sinks",
      [[{ type: "module", path: "./sink.mjs" }]],
      /has a module sink whose path is not abs/,
    ],
    ["sinks", [[{ type: "udp", host: "127.0.0.1" }]], /takes \{ type: "udp", host, port \}/],
    [
      "sinks",
      [0, 65_536, "8125"].map((port) => [{ type: "udp", host: "127.0.0.1", port }]),
      /takes \{ type: "udp", host, port \}/,
    ],
    ["sinks", [[{ type: "udp", host: "", port: 8125 }]], /takes \{ type: "udp", host, port \}/],
    [
      "sinks",
      [[{ type: "posthog", host: "https://a.dev" }]],
      /has an apiKey that is none: pass the/,
    ],
    [
      "sinks",
      [[{ type: "pigeon" }], [null], ["http"], [{}]],
      /has a sink whose type is none of http/,
    ],
    [
      "sender",
      ["./sender.js", "sender.js", 5, "https://acme.dev/s.js"],
      /takes an absolute path or a/,
    ],
    [
      "preferences",
      [{ alsoRead: file }, { alsoRead: [file] }, { alsoRead: [null] }, { alsoRead: [{ file }] }],
      /takes \{ alsoRead: \[\{ file, format \}\] \}, each a path and "flat" or "nested"/,
    ],
    ["preferences", [{ alsoRead: [{ file: 5, format: "flat" }] }], /takes \{ alsoRead/],
    ["preferences", [file, [], null, { alsoread: [] }], /takes \{ alsoRead/],
    ["env", ["NO_ACME", ["NO_ACME"], null, { off: ["NO_ACME"] }], /takes \{ disabled, debug \}/],
    ["enable", [false, true, undefined], /is no option: check its name/],
    ["alsoRead", [[{ file, format: "flat" }]], /is no option/],
    [
      "env",
      [{ disabled: "NO_ACME" }, { disabled: ["NO ACME"] }, { debug: [5] }, { debug: [""] }],
      /takes \{ disabled, debug \}, each a list of names of variables/,
    ],
    ["publisher", ["Acme Ltd", {}, null, { name: " " }, { name: "a\nb" }], /takes \{ name/],
    ["publisher", [{ name: "Acme Ltd", contact: "" }], /further lines/],
    ["publisher", [{ name: "Acme Ltd", retention: 90 }], /takes \{ name, contact, host, ret/],
    [
      "publisher",
      [0, -1, 1.5, "90"].map((retentionDays) => ({ name: "A", retentionDays })),
      /days/,
    ],
    ["notice", ["Acme counts builds.", null, {}], /takes a function that returns the text/],
  ])("%s: %j", (option, given, takes) => {
    for (const value of given) {
      const make = () => resolve({ [option]: value });
      expect(make, String(value)).toThrow(TypeError);
      expect(make, String(value)).toThrow(`createTelemetry: "${option}" `);
      expect(make, String(value)).toThrow(takes);
    }
  });

  test.each([undefined, null, "acme", []])("no options at all: %j", (options) => {
    expect(() => resolveOptions(options as never)).toThrow("takes an object of options");
  });
});

describe("the endpoint can be overridden for a run", () => {
  const local = "http://127.0.0.1:4321/events";
  const sinksWith = (url: string | undefined, given: object = {}) => {
    vi.stubEnv("ACME_TELEMETRY_ENDPOINT", url);
    return resolve(given).sinks;
  };

  test.each([local, "http://localhost:1/", "https://[::1]/"])("by this machine: %s", (url) => {
    expect(sinksWith(url)).toEqual([{ type: "http", url }]);
  });

  test("whatever sinks there are", () => {
    expect(sinksWith(local, { sinks: [{ type: "file", path: file }] })).toEqual([
      { type: "http", url: local },
    ]);
  });

  test.each([
    undefined,
    "",
    "https://evil.dev/",
    "http://evil.dev/",
    "http://127.0.0.1.evil.dev/",
    "http://127.0.0.1@evil.dev/",
    "http://jo@127.0.0.1/",
    "file:///tmp/x",
    "127.0.0.1:4321",
  ])("by nothing else: %s", (url) => {
    expect(sinksWith(url)).toEqual([{ type: "http", url: required.endpoint }]);
  });

  test("and hides no mistake of the product's", () => {
    expect(() => sinksWith(local, { endpoint: "http://acme.dev/" })).toThrow('"endpoint"');
    expect(() => sinksWith(local, { sinks: [{ type: "http" }] })).toThrow('"sinks"');
  });
});
