import { expect, test } from "vitest";
import { type BinPart, type Scale, safeBins, scaleOf } from "../../src/query/bins.ts";

const scale = (events: Record<string, number>) =>
  scaleOf(new Map(Object.entries(events).map(([bin, n]) => [Number(bin), n])));

function textOf({ first, last, halves }: Scale): string {
  return halves
    ? `(${halves.map(textOf).join(" ")})`
    : `${first}${last === first ? "" : `-${last}`}`;
}

test.each([
  [{}, undefined],
  [{ 3: 0, 4: 5 }, "4"],
  [{ 1: 1, 2: 1, 3: 1, 4: 1 }, "((1 2) (3 4))"],
  // One that holds most of it is alone on its side.
  [{ 1: 100, 2: 1, 9: 1 }, "(1 (2 9))"],
  [{ "-1": 1, 2: 1, 9: 100 }, "((-1 2) 9)"],
])("a scale is split where half of the events lie on either side: %j", (events, expected) => {
  const its = scale(events as Record<string, number>);
  expect(its && textOf(its)).toBe(expected);
});

test("pieces are split, the widest first, while enough or nobody stand behind both halves", () => {
  const all = scale({ 0: 10, 1: 10, 2: 10, 3: 10 }) as Scale;
  const part = (bin: number, people: number): BinPart => ({
    ...{ bin, people, events: people, group: [], within: [], place: "installation" },
  });
  const bins = (series: BinPart[][], most = 40) =>
    safeBins(all, series, { filters: [], k: 3, most }).map(({ first, last }) => `${first}-${last}`);
  const each = [0, 1, 2, 3].map((bin) => part(bin, 3));
  expect(bins([each])).toEqual(["0-0", "1-1", "2-2", "3-3"]);
  expect(bins([each], 3)).toHaveLength(3);
  expect(bins([each], 1)).toEqual(["0-3"]);
  expect(bins([each, [part(0, 3), part(1, 2), part(2, 3)]])).toEqual(["0-1", "2-2", "3-3"]);
  // Two of a small group on one side keep it whole, in every group.
  expect(bins([each, [part(0, 9), part(3, 2)]])).toEqual(["0-3"]);
  expect(bins([each, [part(0, 2)]])).toEqual([]);
});
