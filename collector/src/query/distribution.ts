import { type Asking, filtersOf, measuredParts, read, readParts } from "./answer.ts";
import type { Column, DistributionAnswer, QueryAnswer } from "./api.ts";
import { allBins, atMost, type Bin, type BinPart, edgesOf, safeBins } from "./bins.ts";
import type { Dimension } from "./dimensions.ts";
import { behindOfHidden, foldedWithout, foldLine, type Group, groupsOf, nameOf } from "./fold.ts";
import { behind, isGroupSafe, type Part } from "./k.ts";
import type { By, Question } from "./question.ts";
import { measuresSql } from "./sql.ts";
import { typedValue } from "./table.ts";

/** How a number is distributed, of all or of each group. Bins are the same for all groups. */
export async function distributionOf(
  question: Question,
  field: Dimension,
  most: number,
  asking: Asking,
): Promise<DistributionAnswer["series"]> {
  const { k, reader, hasNoIds } = asking;
  const bin: By = { name: "bin", kind: "bin", dimension: field };
  const filters = filtersOf(question);
  const binned: Question = { ...question, by: [...question.by, bin], measures: ["events"] };
  const measured = await measuredParts(binned, asking, {});
  const parts = (measured?.parts ?? (await readParts(binned, asking))).flatMap(
    (part): BinPart[] => {
      const number = part.group.at(-1);
      return number === "" || number === undefined
        ? []
        : [{ ...part, group: part.group.slice(0, -1), bin: Number(number) }];
    },
  );
  const isSafe = (some: readonly Part[]) => isGroupSafe(some, filters, k);
  // By itself: who stands behind a group is more than who stands behind any one of its bins.
  const byGroup = question.by.length === 0 ? parts : await readParts(question, asking);
  if (!isSafe(byGroup) && !isSafe(await readParts(question, asking, []))) {
    return [];
  }
  const isIn = (part: Part, name: string) => nameOf(part.group) === name;
  const partsIn = (name: string) => parts.filter((part) => isIn(part, name));
  // One with values of too few would have none of the others shown.
  const names = (
    question.by.length === 0 ? [""] : await shownGroups(question, byGroup, asking)
  ).filter((name) => isSafe(partsIn(name)));
  const series = names.map(partsIn);
  const rest = parts.filter((part) => !names.some((name) => isIn(part, name)));
  // Each question's are made of whole ones of the widest, so that no difference is smaller than either.
  const ofEvery = safeBins(allBins(parts), [unfiltered(parts, asking)], [], k);
  const ofAll = safeBins(ofEvery, [parts], filters, k);
  const bins = atMost(safeBins(ofAll, [...series, rest], filters, k), most);

  const rows =
    measured?.rows ?? (await read(asking, measuresSql(reader.dialect, binned, { hasNoIds })));
  const counts = new Map<string, number>();
  for (const row of rows) {
    const values = binned.by.map((_, index) => String(row[`g${index}`]));
    counts.set(nameOf(values), Number(row.events));
  }
  return names.map((name) => ({
    group: question.by.length === 0 ? null : name,
    bins: bins.map((one) => ({ ...edgesOf(one), count: countIn(one, name) })),
  }));

  function countIn({ first, last }: Bin, name: string): number {
    let sum = 0;
    for (let number = first; number <= last; number += 1) {
      const key = question.by.length === 0 ? String(number) : nameOf([name, String(number)]);
      sum += counts.get(key) ?? 0;
    }
    return Math.round(sum);
  }
}

/** The same for all questions about these events, however their parts are cut: bits are. */
function unfiltered(parts: readonly BinPart[], { hasNoIds, k }: Asking): BinPart[] {
  const isByBits = !hasNoIds && k <= MOST_BY_BITS;
  return parts.map((part) => ({ ...part, within: [], ...(isByBits && { people: 0 }) }));
}

/** Of 64 bits more are seldom set by about as many installations. */
const MOST_BY_BITS = 32;

/** As one table, to keep as a file: a row for each group's bin. */
export function binTableOf(
  { series, unit, ...answer }: DistributionAnswer,
  { by }: Question,
): QueryAnswer {
  const edge = { kind: "dimension" as const, ...(unit && { unit }) };
  const columns: Column[] = [
    ...by.map(({ name }): Column => ({ name, kind: "dimension" })),
    ...[
      { name: "from", ...edge },
      { name: "upTo", ...edge },
    ],
    { name: "events", kind: "measure" },
  ];
  const rows = series.flatMap(({ group, bins }) =>
    bins.map(({ from, upTo, count }) => [
      ...by.map((one) => typedValue(one, group ?? "")),
      ...[from, upTo, count],
    ]),
  );
  return { ...answer, columns, rows, folded: { groups: 0, isWithheld: series.length === 0 } };
}

/** By size, those that k lets through; what is folded has no series. */
async function shownGroups(
  question: Question,
  parts: readonly Part[],
  asking: Asking,
): Promise<string[]> {
  const filters = filtersOf(question);
  const groups = groupsOf(parts, filters, asking.k);
  const count = async (hidden: readonly Group[]) =>
    // At least as many as behind the largest of them.
    behind(
      parts.filter(({ group }) => hidden.some(({ values }) => nameOf(values) === nameOf(group))),
    );
  const { k } = asking;
  const folds = foldedWithout(parts, filters, k);
  const { shown } = await foldLine(
    groups,
    question.limit,
    k,
    behindOfHidden(parts, filters, k, count),
    ({ values }) => folds.has(nameOf(values)),
  );
  return shown.map(({ values }) => nameOf(values));
}
