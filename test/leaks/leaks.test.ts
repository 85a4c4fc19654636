import { createHash } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { errorTypes } from "../../src/events/error-list.ts";
import { errorPhases } from "../../src/events/error-types/list.ts";
import { fixture } from "../e2e/harness.ts";
import { bundlers } from "../fixtures/canary-bundlers.mjs";
import { canaries, canary, findIn, needlesFor } from "./canaries.ts";
import { type Build, build, missingForHosts } from "./harness.ts";
import { createLedger } from "./ledger.ts";
import { ciVariables } from "./project.ts";
import { scenariosFor } from "./scenarios.ts";

/**
 * Only what is listed leaves: builds in projects where everything that a person could have typed is
 * a canary, going well and failing in every way, leave none anywhere but on that person's screen.
 */
const { host: _, ...others } = canaries;
const words = missingForHosts ? others : canaries;
if (missingForHosts) console.log(`not searched: the host name, which needs ${missingForHosts}`);
const needles = needlesFor(words);
const ledger = createLedger(words, needles);
afterAll(() => ledger.print());

interface Variant {
  name: string;
  env?: Record<string, string>;
  isProxied?: boolean;
  /** Where nothing is left to search, and rightly so. */
  without: readonly string[];
}

const full = { PRODUCT_METADATA: "full" };
const variants: readonly Variant[] = [
  { name: "coarse", without: ["debug"] },
  { name: "full, with debug", env: { ...full, ACME_DEBUG_TELEMETRY: "1" }, without: [] },
  { name: "full, by an agent", env: { ...full, AI_AGENT: canary.agent }, without: ["debug"] },
  { name: "full, in CI", env: { ...full, ...ciVariables }, without: ["preferences", "debug"] },
  { name: "coarse, through a proxy", isProxied: true, without: ["debug"] },
];

const names = Object.keys(bundlers);
describe.concurrent.each(names.map((name, i) => [name, i] as const))("%s", (bundler, i) => {
  const scenarios = scenariosFor(bundler);
  for (const [j, scenario] of scenarios.entries()) {
    const { name: variant, without, ...options } = variants[(i + j) % variants.length] as Variant;
    it(`${scenario.name} (${variant})`, async (context) => {
      const { expect } = context;
      const { files, args } = scenario;
      const result = await build({ bundler, files, args, ...options }, context);
      expect(ledger.enter(bundler, scenario.name, result)).toEqual([]);
      expect(result.isSuccess).toBe(!scenario.fails);
      expect(toldBy(result)).toEqual([
        scenario.fails ? "build:failed" : "build:completed",
        // Where the product has its own words, in place of listed ones.
        ...(args.includes("--careful") ? ["other", "other"] : []),
      ]);
      expect(emptyIn(result)).toEqual(without);
    });
  }

  it("fails in forty ways at least", ({ expect }) => {
    expect(scenarios.filter(({ fails }) => fails).length).toBeGreaterThanOrEqual(40);
  });
});

describe.concurrent("xmcp's preset", () => {
  it.for(["completed", "failed"])("tells no more of a build that %s", async (ending, context) => {
    const { expect } = context;
    const args = [fixture("xmcp-product.mjs"), ending, `${canary.message} in ${canary.errorfile}`];
    // In CI the first run is sent.
    const result = await build({ args, env: ciVariables }, context);
    expect(ledger.enter("xmcp's preset", ending, result)).toEqual([]);
    expect(toldBy(result)).toEqual([`build:${ending}`]);
  });
});

describe("the search", () => {
  const bytes = (text: string) => [...text].map((letter) => letter.charCodeAt(0).toString(16));
  const inText: Record<string, (text: string) => string> = {
    "as it is": (text) => text,
    "in capitals": (text) => text.toUpperCase(),
    "in base64": (text) => Buffer.from(text).toString("base64"),
    "in base64 for URLs": (text) => Buffer.from(text).toString("base64url"),
    "in base64 of UTF-16": (text) => Buffer.from(text, "utf16le").toString("base64"),
    "in UTF-16": (text) => Buffer.from(text, "utf16le").toString("latin1"),
    "in hex": (text) => Buffer.from(text).toString("hex"),
    "in hex, in capitals": (text) => Buffer.from(text).toString("hex").toUpperCase(),
    "in a URL": (text) => `https://acme.dev/?at=${encodeURIComponent(text)}`,
    "in a URL, all of it encoded": (text) =>
      bytes(text)
        .map((code) => `%${code}`)
        .join(""),
    "in JSON in JSON": (text) => JSON.stringify(JSON.stringify({ text })),
    "in JSON, all of it escaped": (text) =>
      bytes(text)
        .map((code) => `\\u00${code}`)
        .join(""),
    backwards: (text) => [...text].reverse().join(""),
  };
  it.each(Object.entries(inText))("finds each canary %s", (_, plant) => {
    for (const [place, word] of Object.entries(words)) {
      for (const before of ["/", "C:", "at "]) {
        const text = `{"batchId":"${plant(`${before}${word}/src (1:2)`)}"}`;
        expect(placesIn(text), text).toContain(place);
      }
    }
  });

  const algorithms = ["md5", "sha1", "sha256", "sha512"];
  const digits = ["hex", "base64", "base64url"] as const;
  const hashes = algorithms.flatMap((name) => digits.map((form) => [name, form] as const));
  it.each(hashes)("finds each canary's %s in %s", (algorithm, form) => {
    for (const [place, word] of Object.entries(words)) {
      const hash = createHash(algorithm).update(word).digest(form);
      expect(placesIn(`{"projectHash":"${hash}"}`)).toContain(place);
    }
  });

  it("finds what a careless product lets through, wherever it looks", async (context) => {
    const [scenario] = scenariosFor("esbuild");
    const preferences = "../../.config/acme/telemetry.json";
    const files = { ...scenario?.files, [preferences]: `{ "${canary.word}": true }` };
    const env = { ACME_DEBUG_TELEMETRY: "1", PRODUCT_LEAKS: "1" };
    const { evidence } = await build({ bundler: "esbuild", files, env }, context);
    for (const [where, text] of Object.entries(evidence).filter(isSearchable)) {
      expect(findIn(text, needles), where).toContain("word, plain");
    }
  });

  const placesIn = (text: string) => findIn(text, needles).map((hit) => hit.split(",")[0]);
});

/** The names of its builds' events, and what in them is not listed. */
function toldBy({ events }: Build): unknown[] {
  const words: readonly string[] = [...errorTypes(), ...errorPhases, "undefined"];
  const ofBuilds = events.filter(({ eventName }) => eventName.startsWith("build:"));
  return ofBuilds.flatMap(({ eventName, fields: { errorPhase, errorType } }) => [
    eventName,
    ...[errorPhase, errorType].filter((word) => !words.includes(String(word))),
  ]);
}

/** Where there was nothing to search. */
function emptyIn({ evidence }: Build): string[] {
  const empty = Object.entries(evidence).filter((entry) => isSearchable(entry) && entry[1] === "");
  return empty.map(([where]) => where);
}

/** Other systems have no list of processes to read. */
function isSearchable([where]: [where: string, text: string]): boolean {
  return process.platform === "linux" || where !== "process list";
}
