import { describe, expect, test } from "vitest";
import { destination, isLoopbackUrl, sinkKey, urlProblem } from "../../src/support/sinks.ts";

describe("a URL to deliver to", () => {
  test.each<[url: unknown, problem: RegExp | undefined]>([
    ["https://telemetry.acme.dev/v1/events", undefined],
    ["HTTPS://TELEMETRY.ACME.DEV", undefined],
    ["https://10.0.0.1:8443/", undefined],
    ["http://localhost:3000/", undefined],
    ["http://127.0.0.1/", undefined],
    ["http://127.9.9.9:80/", undefined],
    ["http://127.1/", undefined],
    ["http://[::1]:3000/", undefined],
    [
      "http://telemetry.acme.dev/",
      /in the clear to another machine: pass an https URL as a string, or http to a l/,
    ],
    ["http://localhost.acme.dev/", /in the clear/],
    ["http://127.0.0.1.acme.dev/", /in the clear/],
    ["http://10.0.0.1/", /in the clear/],
    ["http://0.0.0.0/", /in the clear/],
    ["http://128.0.0.1/", /in the clear/],
    ["http://[::2]/", /in the clear/],
    ["ftp://127.0.0.1/", /has the protocol ftp: pass an https URL/],
    ["file:///etc/passwd", /has the protocol file:/],
    ["javascript:alert(1)", /has the protocol javascript:/],
    ["https://jo:secret@acme.dev/", /holds a user name or password: leave them out/],
    ["https://jo@acme.dev/", /holds a user name or password/],
    ["https://:secret@acme.dev/", /holds a user name or password/],
    ["telemetry.acme.dev", /is not a URL: pass an https URL/],
    ["/v1/events", /is not a URL/],
    ["", /is not a URL/],
    [undefined, /is not a URL/],
    [null, /is not a URL/],
    [5, /is not a URL/],
    [new URL("https://acme.dev"), /is not a URL/],
  ])("%s", (url, problem) => {
    if (problem) expect(urlProblem(url)).toMatch(problem);
    else expect(urlProblem(url)).toBeUndefined();
  });

  test.each([
    ["http://127.0.0.1:3000/", true],
    ["https://localhost/", true],
    ["https://acme.dev/", false],
    ["http://acme.dev/", false],
    ["ftp://localhost/", false],
    ["http://jo@localhost/", false],
    ["localhost", false],
  ])("%s leads to this machine: %s", (url, expected) => {
    expect(isLoopbackUrl(url)).toBe(expected);
  });
});

test("a sink's key names a file, is the same for the same sink, and another for another", () => {
  const sinks = [
    { type: "http", url: "https://acme.dev/a" },
    { type: "http", url: "https://acme.dev/b" },
    { type: "file", path: "/var/log/../acme" },
  ] as const;
  const keys = sinks.map(sinkKey);
  for (const key of keys) expect(key).toMatch(/^(http|file)-[0-9a-f]{8}$/);
  expect(new Set(keys).size).toBe(keys.length);
  expect(sinks.map((sink) => sinkKey({ ...sink }))).toEqual(keys);
});

test("people are told the host, or the file", () => {
  expect(destination({ type: "http", url: "https://acme.dev:8443/v1?key=1" })).toBe(
    "acme.dev:8443",
  );
  expect(destination({ type: "file", path: "/var/log/acme" })).toBe("/var/log/acme");
});
