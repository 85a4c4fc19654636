import { describe, expect, test } from "vitest";
import { decide, type Situation } from "../../src/consent/decide.ts";
import type { Reading } from "../../src/consent/preferences.ts";

const now = Date.UTC(2026, 2, 1);
const day = 24 * 60 * 60 * 1000;

/** Nobody has said anything. */
const silence: Situation = {
  env: {},
  offVariables: ["ACME_TELEMETRY_DISABLED", "NO_ACME_STATS"],
  enabledByProduct: true,
  policyOff: undefined,
  projectOff: false,
  inCI: false,
  ci: "send",
  stoppedUntil: undefined,
  now,
  homeProblem: undefined,
  preferences: [{ is: "absent" }],
  consent: "opt-out",
};

const choice = (enabled: boolean | "local"): Reading => ({ is: "read", preferences: { enabled } });
const undecided: Reading = { is: "read", preferences: { notifiedAt: now } };
const corrupt: Reading = { is: "unreadable", problem: "preferences is not JSON" };

type Verdict = { state: "on" | "off" | "local"; row: number; because: RegExp };
const off = (row: number, because: RegExp): Verdict => ({ state: "off", row, because });

/** Each row of the precedence, by itself. */
const rows: [row: number, said: Partial<Situation>, verdict: Verdict][] = [
  [1, { env: { DO_NOT_TRACK: "1" } }, off(1, /DO_NOT_TRACK is set/)],
  [2, { env: { NO_ACME_STATS: "1" } }, off(2, /NO_ACME_STATS is set/)],
  [3, { enabledByProduct: false }, off(3, /the product has turned it off/)],
  [4, { policyOff: "/etc/acme/telemetry.json" }, off(4, /policy \/etc\/acme\/telemetry\.json/)],
  [5, { projectOff: true }, off(5, /the project's package\.json/)],
  [6, { inCI: true, ci: "skip" }, off(6, /skips CI/)],
  [7, { stoppedUntil: now + 3 * day }, off(7, /from this version until 2026-03-04/)],
  [8, { preferences: [corrupt] }, off(8, /preferences is not JSON/)],
  [9, { preferences: [choice(false)] }, off(9, /preferences say off/)],
  [10, { consent: "opt-in" }, off(10, /nobody has agreed/)],
];

test.each(rows)("row %i decides where nobody says more", (_row, said, { because, ...verdict }) => {
  const decision = decide({ ...silence, ...said });
  expect(decision).toMatchObject(verdict);
  expect(decision.because).toMatch(because);
});

test.each(rows)("row %i ranks above all that come later", (row, said, { because, ...verdict }) => {
  const later = rows.filter(([other]) => other > row).map(([, saidLater]) => saidLater);
  const decision = decide(merged(later.concat(said)));
  expect(decision).toMatchObject(verdict);
  expect(decision.because).toMatch(because);
});

test.each(rows.slice(0, 8))("row %i ranks above a yes", (_row, said, { row }) => {
  const agreed: Partial<Situation> = { preferences: [choice(true)] };
  expect(decide(merged([agreed, said]))).toMatchObject({ state: "off", row });
});

/** All of it said at once: variables and preferences add up, the rest replaces. */
function merged(said: readonly Partial<Situation>[]): Situation {
  return {
    ...Object.assign({}, silence, ...said),
    env: Object.assign({}, ...said.map(({ env }) => env)),
    preferences: said.flatMap(({ preferences = [] }) => preferences),
  };
}

describe("a variable that turns off", () => {
  const readings: [value: string | undefined, isOff: boolean][] = [
    [undefined, false],
    ["", false],
    [" ", false],
    ["0", false],
    [" 0 ", false],
    ["false", false],
    ["FALSE", false],
    ["1", true],
    ["true", true],
    ["yes", true],
    ["no", true],
    ["off", true],
    ["00", true],
    ["-1", true],
  ];
  test.each(readings)("%j in DO_NOT_TRACK: off is %s", (value, isOff) => {
    expect(decide({ ...silence, env: { DO_NOT_TRACK: value } }).row).toBe(isOff ? 1 : 10);
  });
  test.each(readings)("%j in the product's own: off is %s", (value, isOff) => {
    expect(decide({ ...silence, env: { ACME_TELEMETRY_DISABLED: value } }).row).toBe(
      isOff ? 2 : 10,
    );
  });
  test("one that says nothing doesn't hide the next", () => {
    const env = { ACME_TELEMETRY_DISABLED: "0", NO_ACME_STATS: "1" };
    expect(decide({ ...silence, env })).toMatchObject({ state: "off", row: 2 });
  });
});

describe("what doesn't turn off", () => {
  test.each<[what: string, said: Partial<Situation>, state: string, row: number]>([
    ["CI, where the product counts it", { inCI: true, ci: "send" }, "on", 10],
    ["ci: skip, outside CI", { inCI: false, ci: "skip" }, "on", 10],
    ["a 410 of the past", { stoppedUntil: now }, "on", 10],
    ["opt-in, once agreed", { consent: "opt-in", preferences: [choice(true)] }, "on", 9],
    ["opt-in, agreed to keep", { consent: "opt-in", preferences: [choice("local")] }, "local", 9],
    ["silence", {}, "on", 10],
  ])("%s", (_what, said, state, row) => {
    expect(decide({ ...silence, ...said })).toMatchObject({ state, row });
  });
});

describe("row 8 holds for a home that can't be used, too", () => {
  test("whatever the preferences say", () => {
    const said = { homeProblem: "there is no home folder", preferences: [choice(true)] };
    expect(decide({ ...silence, ...said })).toEqual({
      state: "off",
      row: 8,
      because: "there is no home folder",
    });
  });
});

describe("of several preferences", () => {
  test.each<[preferences: Reading[], state: string, row: number]>([
    [[choice(true), choice(false)], "off", 9],
    [[choice(false), choice(true)], "off", 9],
    [[choice("local"), choice(false)], "off", 9],
    [[choice(true), choice("local")], "local", 9],
    [[choice("local"), choice(true)], "local", 9],
    [[{ is: "absent" }, choice(false)], "off", 9],
    [[{ is: "absent" }, choice(true)], "on", 9],
    [[undecided, choice(true)], "on", 9],
    [[undecided, { is: "absent" }], "on", 10],
    [[choice(true), corrupt], "off", 8],
    [[corrupt, choice(true)], "off", 8],
  ])("%j: %s", (preferences, state, row) => {
    expect(decide({ ...silence, preferences })).toMatchObject({ state, row });
  });
});
