import { describe, expect, test } from "vitest";
import {
  type AddedField,
  lineNotice,
  type NoticeFacts,
  readNotices,
} from "../../src/consent/notice.ts";
import { firstNotice, grownNotice, wordedNotice } from "../../src/consent/notice-text.ts";
import { ownFolder } from "./own-folder.ts";

const folder = ownFolder();

const facts: NoticeFacts = {
  name: "acme",
  destinations: ["telemetry.acme.dev", "/var/log/acme.jsonl"],
  policyUrl: "https://acme.dev/telemetry",
  publisher: { name: "Acme Ltd", contact: "privacy@acme.dev" },
  offVariable: "ACME_TELEMETRY_DISABLED",
  hold: true,
};
const added = [
  { path: "build:completed.modules", description: "How many modules." },
  { path: "build:failed.step", description: "Which step." },
];

const notices: [name: string, text: (facts: NoticeFacts) => string][] = [
  ["the first", firstNotice],
  ["the one about more", (given) => grownNotice(given, added)],
  ["the line of CI", lineNotice],
];

describe.each(notices)("%s says", (_name, text) => {
  test.each([
    ["who collects", "acme"],
    ["what", "anonymous build telemetry"],
    ["where it goes, all of it", "telemetry.acme.dev, /var/log/acme.jsonl"],
    ["where to read more", "https://acme.dev/telemetry"],
    ["how to turn it off", "ACME_TELEMETRY_DISABLED=1"],
  ])("%s", (_what, words) => {
    expect(text(facts)).toContain(words);
  });

  test("nothing of a page where there is none", () => {
    expect(text({ ...facts, policyUrl: undefined })).not.toMatch(/https|undefined|see|Details/);
  });

  test("nothing in colors, and ends its last line", () => {
    expect(text(facts)).toMatch(/^[\n\x20-\x7e]+\n$/);
  });
});

test("the line of CI is one line", () => {
  expect(lineNotice(facts).trimEnd()).not.toContain("\n");
});

test.each(notices.slice(0, 2))("%s names the command that turns it off for good", (_name, text) => {
  expect(text(facts)).toContain("npx sendoff disable --name acme");
});

test.each(notices.slice(0, 2))("%s says from when on it is sent, if not at once", (_name, text) => {
  expect(text(facts)).toContain("from the next run on");
  expect(text({ ...facts, hold: false })).not.toContain("next run");
});

test("the first says what is collected, what is not, and by whom", () => {
  const text = firstNotice(facts);
  expect(text).toContain("(Acme Ltd)");
  expect(text).toContain("how long builds take");
  expect(text).toContain("Never code, file names, messages or arguments");
  expect(firstNotice({ ...facts, publisher: undefined })).not.toMatch(/Acme Ltd|\(|undefined/);
});

test("the one about more lists each added field with its description", () => {
  const text = grownNotice(facts, added);
  expect(text).toContain("collects more");
  for (const { path, description } of added) expect(text).toContain(`+ ${path}: ${description}`);
});

describe("in a product's own words", () => {
  const words = (text: unknown, given: readonly AddedField[] = []) =>
    wordedNotice(() => text as string, facts, given);

  test.each([
    ["the product", "acme"],
    ["where it goes", "telemetry.acme.dev"],
    ["where to read more", "https://acme.dev/telemetry"],
    ["the way off", "ACME_TELEMETRY_DISABLED=1"],
  ])("a notice that leaves out %s gets it added", (_what, told) => {
    expect(words("We count builds.")).toContain("We count builds.");
    expect(words("We count builds.")).toContain(told);
  });

  test("a notice that leaves out nothing stays as it is", () => {
    const whole = `Acme sends to ${facts.destinations.join(" and ")}, see ${facts.policyUrl};
      ACME_TELEMETRY_DISABLED=1 stops it.`;
    expect(words(whole)?.trim()).toBe(whole);
  });

  test("what was added is listed, unless they describe it", () => {
    const text = words(`Now also: ${added[0]?.description}`, added);
    expect(text).not.toContain(added[0]?.path);
    expect(text).toContain("+ build:failed.step: Which step.");
  });

  test.each([[undefined], [""], ["  "], [5], [{}], [Promise.resolve("text")]])(
    "%j is no notice: ours has to do",
    (text) => {
      expect(words(text)).toBeUndefined();
    },
  );

  test("an error in them is none of the build's", async () => {
    const wording = () => {
      throw new Error("no words");
    };
    expect(wordedNotice(wording, facts, [])).toBeUndefined();
    // As an unhandled rejection it would end the process, and this test with it.
    expect(words(Promise.reject(new Error("no words")))).toBeUndefined();
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("what was told on this machine", () => {
  test.each<[what: string, content: unknown, expected: unknown]>([
    ["is read", { shownAt: 5, fields: ["a.b"] }, { shownAt: 5, fields: ["a.b"] }],
    [
      "is read, but for foreign parts",
      { shownAt: 5, fields: ["a.b", 7] },
      { shownAt: 5, fields: ["a.b"] },
    ],
    ["without a moment: never", { fields: ["a.b"] }, undefined],
    ["without fields: never", { shownAt: 5 }, undefined],
    ["in another shape: never", { shownAt: "5", fields: "a.b" }, undefined],
    ["torn: never", '{"shownAt": 5, "fie', undefined],
    ["empty: never", "", undefined],
    ["a list: never", [], undefined],
  ])("%s", (_what, content, expected) => {
    expect(readNotices(folder.write("notices.json", content))).toEqual(expected);
  });

  test("where there is no file: never", () => {
    expect(readNotices(folder.at("notices.json"))).toBeUndefined();
  });
});
