import { describe, expect, test } from "vitest";
import { accept } from "../../src/events/accept.ts";
import { type Field, field } from "../../src/events/fields.ts";

const says = "What it says.";
const word = field.oneOf(["red", "green"], says);
const token = field.token({ pattern: /[a-z]+-\d+/, max: 12 }, says);
const hash = "0123456789abcdef".repeat(4);
const week = 7 * 24 * 60 * 60 * 1000;
const largest = Number.MAX_SAFE_INTEGER;

/** What each field is given, and what may leave. */
const taken: [name: string, field: Field, given: unknown, leaves: unknown][] = [
  ["boolean", field.boolean(says), true, true],
  ["boolean", field.boolean(says), false, false],

  ["count", field.count(10, says), 0, 0],
  ["count", field.count(10, says), 10, 10],

  ["milliseconds", field.milliseconds(says), 0, 0],
  ["milliseconds", field.milliseconds(says), 12.5, 13],
  ["milliseconds", field.milliseconds(says), 1e-9, 0],
  ["milliseconds", field.milliseconds(says), week, week],
  ["bytes", field.bytes(says), 1023.6, 1024],
  ["bytes", field.bytes(says), largest, largest],

  ["bucket", field.bucket([0, 10, 100], says), 0, 0],
  ["bucket", field.bucket([0, 10, 100], says), 9.99, 0],
  ["bucket", field.bucket([0, 10, 100], says), 10, 10],
  ["bucket", field.bucket([0, 10, 100], says), 1e300, 100],
  ["bucket", field.bucket([5, 10], says), -3, 5],

  ["oneOf", word, "red", "red"],
  ["oneOf", word, "blue", "other"],
  ["oneOf", word, "", "other"],
  ["oneOf", word, "/home/jo/secret", "other"],
  ["oneOf", word, "constructor", "other"],

  ["version", field.version(says), "5", "5"],
  ["version", field.version(says), "5.99.0", "5.99.0"],
  ["version", field.version(says), "v22.1.0", "v22.1.0"],
  ["version", field.version(says), "10.0.22631.3880", "10.0.22631.3880"],
  ["version", field.version(says), "1.2.3-rc.1", "1.2.3-rc.1"],
  ["version", field.version(says), "1.2.3-beta.20240131.2", "1.2.3-beta.20240131.2"],
  ["version", field.version(says), "1.2.3+build.jo", "1.2.3"],
  ["version", field.version(says), "1.2.3-jos-branch", "1.2.3"],
  ["version", field.version(says), "1.2.3-alpha-jo", "1.2.3-alpha"],
  ["version", field.version(says), "1.2.3-rc.1.jo", "1.2.3"],
  ["version", field.version(says), "19.0.0-canary-33a32441e9-20240418", "19.0.0-canary"],
  ["version", field.version(says), "1.2.3-\n/home/jo", "1.2.3"],

  ["token", token, "ab-12", "ab-12"],
  ["token", token, "abcdefghi-12", "abcdefghi-12"],

  ["hash", field.hash(says), hash, hash],

  ["listOf", field.listOf(word, 3, says), [], []],
  ["listOf", field.listOf(word, 3, says), ["red", "blue", 7, "red"], ["red", "other"]],
  ["listOf", field.listOf(token, 9, says), ["ab-1", "AB", null, "c-2"], ["ab-1", "c-2"]],

  ["mapOf", field.mapOf(["a", "b"], field.count(5, says), says), { a: 1, b: 9, c: 2 }, { a: 1 }],
  ["mapOf", field.mapOf(["a"], field.count(5, says), says), Object.create({ a: 1 }), {}],
  ["mapOf", field.mapOf(["constructor"], field.count(5, says), says), {}, {}],
];

test.each(taken)("%s: of %j %j leaves as %j", (_name, kind, given, leaves) => {
  expect(accept(kind, given)).toEqual({ value: leaves });
});

test.each(taken)("%s: what left of %j %j is taken again as it is", (_name, kind, given) => {
  const { value } = accept(kind, given) as { value: unknown };
  expect(accept(kind, value)).toEqual({ value });
});

test("a negative zero leaves as zero", () => {
  for (const kind of [field.count(9, says), field.milliseconds(says), field.bytes(says)]) {
    expect(JSON.stringify(accept(kind, -0))).toBe('{"value":0}');
  }
});

const notNumbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const notText = [undefined, null, true, 1, Number.NaN, 1n, Symbol("x"), [], {}, () => {}];

/** What each kind refuses, whatever its limits. */
const refused: [name: string, field: Field, given: readonly unknown[]][] = [
  ["boolean", field.boolean(says), [undefined, null, 0, 1, "true", "", [], {}, Boolean(1) && "x"]],
  [
    "count",
    field.count(10, says),
    [...notNumbers, -1, 0.5, 11, 1e300, "1", null, true, 1n, [1], {}, new Date(5)],
  ],
  [
    "milliseconds",
    field.milliseconds(says),
    [...notNumbers, -0.1, week + 1, 1e300, "1", null, true, 1n, [1], { valueOf: () => 1 }],
  ],
  ["bytes", field.bytes(says), [...notNumbers, -1, largest + 1, 1e300, "1", null, 1n]],
  ["bucket", field.bucket([0, 10], says), [...notNumbers, "1", null, true, 1n, [1]]],
  ["oneOf", word, [...notText, new String("red")]],
  [
    "version",
    field.version(says),
    [...notText, "", "latest", "/1.2.3", " 1.2.3", "1.2.3 ", "1.2.3.4.5", "1.x", "20240131.1"],
  ],
  [
    "token",
    token,
    [...notText, "", "ab", "AB-1", " ab-1", "ab-1 ", "ab-1\n", "x ab-1", "abcdefghij-12"],
  ],
  [
    "hash",
    field.hash(says),
    [...notText, "", hash.slice(1), `${hash}0`, hash.toUpperCase(), `${hash}\n`, "g".repeat(64)],
  ],
  ["listOf", field.listOf(word, 3, says), [undefined, null, "red", 1, {}, { length: 1, 0: "red" }]],
  ["mapOf", field.mapOf(["a"], word, says), [undefined, null, "red", 1, ["red"], () => {}]],
];

test.each(refused)("%s: refuses what is none, and says what it takes", (_name, kind, given) => {
  for (const value of given) {
    expect(accept(kind, value), `of ${String(value)}`).toEqual({
      problem: expect.stringMatching(/^should be .+, is .+$/),
    });
  }
});

test.each([
  ["a token", token],
  ["a version", field.version(says)],
  ["a hash", field.hash(says)],
  ["a map", field.mapOf(["a"], word, says)],
])("what is said of a value that was no %s never holds the value", (_name, kind) => {
  expect(JSON.stringify(accept(kind, "secret/of/jo"))).not.toContain("jo");
});

test("of a huge list no more is read than may leave", () => {
  const many = new Proxy(["red", "red", "red"], {
    get: (list, key) => {
      if (key === "2") throw new Error("read too far");
      return Reflect.get(list, key);
    },
  });
  expect(accept(field.listOf(word, 2, says), many)).toEqual({ value: ["red", "red"] });
});

describe("a field that can't be is refused where it is made, with the fix", () => {
  const loose = field as unknown as Record<string, (...given: unknown[]) => Field>;
  const make = (kind: string, ...given: unknown[]) => loose[kind]?.(...given);

  test.each<[kind: string, given: unknown[], says: RegExp]>([
    ["boolean", [], /no description: pass one sentence/],
    ["boolean", ["  "], /no description: pass one sentence/],
    ["hash", [5], /no description: pass one sentence/],
    ["count", [10], /no description: pass one sentence/],
    ["count", [0, says], /max is 0: pass a whole number from 1/],
    ["count", [1.5, says], /max is 1.5: pass a whole number/],
    ["count", [Number.POSITIVE_INFINITY, says], /max is Infinity: pass a whole number/],
    ["count", ["10", says], /max is 10: pass a whole number/],
    ["oneOf", [[], says], /list of 1 to 1000 words/],
    ["oneOf", ["red", says], /list of 1 to 1000 words/],
    ["oneOf", [Array.from({ length: 1001 }, (_, i) => `w${i}`), says], /list of 1 to 1000 words/],
    ["oneOf", [["two words"], says], /"two words" .* is not a word: use up to 64 letters, digits/],
    ["oneOf", [["a/b"], says], /is not a word/],
    ["oneOf", [["__proto__"], says], /is not a word/],
    ["oneOf", [["x".repeat(65)], says], /is not a word/],
    ["oneOf", [[1], says], /is not a word/],
    ["bucket", [[], says], /1 to 100 numbers in ascending order/],
    ["bucket", [[1, 1], says], /in ascending order/],
    ["bucket", [[2, 1], says], /in ascending order/],
    ["bucket", [[0, Number.NaN], says], /in ascending order/],
    ["bucket", [[0, Number.POSITIVE_INFINITY], says], /in ascending order/],
    ["token", [{ pattern: "[a-z]+", max: 5 }, says], /must be a regular expression, such as/],
    [
      "token",
      [{ pattern: /[a-z]+/, max: 65 }, says],
      /max is 65: pass a whole number from 1 to 64/,
    ],
    ["token", [undefined, says], /must be a regular expression, such as/],
    ["token", [{ pattern: /[a-z]+/ }, says], /max is undefined: pass a whole number/],
    ["token", [{ pattern: /[a-z]+/i, max: 5 }, says], /has flags, .*: allow letters/],
    ["listOf", [field.version(says), 3, says], /item .* make it by field.oneOf\(…\), field.token/],
    ["listOf", [{ kind: "token", pattern: ".*", max: 9e9 }, 3, says], /item .* make it by/],
    ["listOf", ["red", 3, says], /item .* make it by/],
    ["listOf", [word, 101, says], /max is 101: pass a whole number from 1 to 100/],
    ["mapOf", [["a"], field.listOf(word, 3, says), says], /value .* make it by field.oneOf/],
    ["mapOf", [["a b"], word, says], /is not a word/],
    ["mapOf", [[], word, says], /list of 1 to 1000 words/],
  ])("%s(%j)", (kind, given, message) => {
    expect(() => make(kind, ...given)).toThrow(message);
  });
});

test("a field can't be changed once it is made", () => {
  const values = ["red"];
  const made = field.oneOf(values, says);
  values.push("blue");
  expect(made.values).toEqual(["red"]);
  expect(() => Object.assign(made, { values: ["anything"] })).toThrow();
  expect(() => (made.values as string[]).push("anything")).toThrow();
});

describe("a token's pattern is refused if anything it matches could be", () => {
  /** For what can't be written, or must not, as a literal. */
  const source = (text: string) => new RegExp(text);

  test.each([
    ["a path", /\/[a-z]+/, "/"],
    ["a path in two parts", /[a-z]+\/[a-z]+/, "/"],
    ["a path, by a range", /[+-9a-z]+/, "/"],
    ["a path, by its number", /[a-z]+\x2f[a-z]+/, "/"],
    ["a path, by its code point", /[a-z]+\u002f[a-z]+/, "/"],
    ["a path, by an old octal number", source("[a-z]+\\57[a-z]+"), "/"],
    ["a path, in a group", /([a-z]|(?:a|\/b))+/, "/"],
    ["a path, only if it is long", /[a-z]{40}\/?/, "/"],
    ["a path of Windows", /[A-Z]:\\[a-z]+/, "\\"],
    ["a path of Windows, by a range", /[A-z]+/, "\\"],
    ["an e-mail address", /[a-z]+@[a-z]+/, "@"],
    ["an e-mail address of two letters", /[a-z]+@[a-z]+\.[a-z]{2}/, "@"],
    ["an e-mail address, by a range", /[!-Z]+/, "/"],
    ["a URL", /https:\/\/[a-z.]+/, "/"],
    ["a scoped package", /@[a-z]+-[a-z]+/, "@"],
    ["two words", /[a-z]+ [a-z]+/, " "],
    ["two words, apart by a tab", /[a-z]+\t[a-z]+/, "\t"],
    ["two words, apart by a control letter", /[a-z]+\cI[a-z]+/, "\t"],
    ["two lines", /[a-z\n]+/, "\n"],
    ["a hard space", /[a-z\u00a0]+/, "\u00a0"],
    ["an em space", /[a-z\u2003]+/, "\u2003"],
    ["any white space", /[a-z]+\s?/, "\t"],
    ["anything", /.+/, "/"],
    ["anything, of any line", source("[^]+"), "/"],
    ["anything, in two classes", /[\s\S]+/, "/"],
    ["anything but letters", /\W+/, "/"],
    ["anything but digits", /\D+/, "/"],
    ["anything but a colon", /[^:]+/, "/"],
    ["anything but a path", /[^/\\]+/, "@"],
    ["anything, behind a look-ahead", /(?!\/).+/, "/"],
    ["an emoji", /[^/\\@\s]+/, "\ud83d"],
  ])("%s", (_what, pattern, character) => {
    expect(() => field.token({ pattern, max: 20 }, says)).toThrow(
      `can match ${JSON.stringify(character)}: allow letters, digits and . _ : + - only`,
    );
  });

  test.each([
    [/[a-z0-9-]{1,20}/, "esbuild-2"],
    [/\w+/, "snake_case"],
    [/[A-Z]{2}\d{4,5}/, "TS2307"],
    [/^(?:es|esm|cjs)(?:20\d\d)?$/, "es2022"],
    [/(?<word>[a-z]+)\.\k<word>/, "a.a"],
    [/([a-z])\1+/, "aaa"],
    [/[a-z]+(?=x)x/, "abx"],
    [/\bab\b/, "ab"],
    [/[\w.:+-]+/, "a.b:c+d-e"],
    [/a\x62\u0063/, "abc"],
    [/[\]a]+/, "]a"],
    [/[a-z]+(-[a-z]+)*/, "out-dir-name"],
    [/[a-z]+(?:\.\d{1,3})*/, "a.1.22.333"],
    [/\d+\.\d+\.\d+/, "1.22.333"],
    [/(?:ab|c){1,5}/, "abcab"],
  ])("%s is none of them", (pattern, value) => {
    const made = field.token({ pattern, max: 20 }, says);
    expect(accept(made, value)).toEqual({ value });
  });

  test.each([
    ["repeats what repeats", /(a+)+b/],
    ["repeats what may be nothing", /(?:a*)*b/],
    ["repeats a choice", /(?:a|b)+/],
    ["repeats a choice of words that begin alike", /(a|aa)+b/],
    ["repeats a group whose separator may be missing", /(-?[a-z]+)*x/],
    ["repeats a group whose separator is in its words too", /(-[a-z-]+)*x/],
    ["repeats a group that chooses behind its separator", /(-(a|a))*x/],
    ["repeats a group that repeats twice behind its separator", /(-a*a*)*x/],
    ["repeats a bounded group too often", /([a-z]{1,9}){1,9}x/],
    ["repeats four times in a row", /a*a*a*a*b/],
    ["may leave out two dozen letters", source(`${"a?".repeat(24)}${"a".repeat(24)}`)],
  ])("it %s, and so takes for ever to fail", (_what, pattern) => {
    expect(() => field.token({ pattern, max: 64 }, says)).toThrow(
      /can take for ever to fail: .*such as \/\[a-z\]\+\(-\[a-z\]\+\)\*\/, and bound/,
    );
  });

  test("an alternative matches as a whole, not by its beginning", () => {
    const made = field.token({ pattern: /a|b/, max: 20 }, says);
    expect(accept(made, "ax")).toHaveProperty("problem");
    expect(accept(made, "xb")).toHaveProperty("problem");
  });
});
