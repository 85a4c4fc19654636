import type { Place } from "../rows/row.ts";
import type { Reader, ReadRow } from "../store/store.ts";
import type { Table } from "./api.ts";
import { isManyValued } from "./dimensions.ts";
import {
  behindOfHidden,
  type Folding,
  foldedWithout,
  foldLine,
  foldMany,
  type Group,
  groupsOf,
  nameOf,
  OTHER,
} from "./fold.ts";
import { foldLines } from "./fold-lines.ts";
import { behind, type Filter, isGroupSafe, isWithoutId, type Part } from "./k.ts";
import { type By, isMany, type Question } from "./question.ts";
import { addsUp, restOf, valuesIn } from "./rest.ts";
import {
  behindSql,
  type Counting,
  measuresSql,
  partsSql,
  type Selection,
  type Statement,
} from "./sql.ts";
import { tableOf } from "./table.ts";

/** A question's answer out of raw events, with k applied. */

export interface Asking {
  reader: Reader;
  k: number;
  /** Whether a client of the product has no ids. */
  hasNoIds: boolean;
  /** Events of the question's days, of all kinds. */
  events: number;
  /** Of more events, different installations and projects by a step of time are about so many. */
  exactUpTo: number;
  signal?: AbortSignal | undefined;
}

/** More are not named in a statement; of hidden groups, a lower bound is as good. */
const MOST_NAMES = 1000;

export async function answerOf(question: Question, asking: Asking): Promise<Table> {
  const { hasNoIds, k, reader } = asking;
  const filters = filtersOf(question);
  if (await namesFolded(question, asking)) {
    return tableOf(question, [], { groups: 1, isWithheld: true });
  }
  const counting = countingOf(question, asking);
  const measured = await measuredParts(question, asking, counting);
  const parts = measured?.parts ?? (await readParts(question, asking));
  if (!(await isPopulationSafe(question, parts, filters, asking))) {
    const { length } = groupsOf(parts, filters, k);
    return tableOf(question, [], { groups: length, isWithheld: true });
  }
  const groups = groupsOf(parts, filters, k);
  const rows =
    measured?.rows ??
    (await read(asking, measuresSql(reader.dialect, question, { hasNoIds, counting })));
  const table = (some: readonly ReadRow[], folded: Table["folded"]) =>
    tableOf(question, some, folded, counting.aboutOf !== undefined);
  if (question.by.length === 0 || groups.length === 0) {
    return table(question.by.length === 0 ? rows : [], whole);
  }
  const byName = new Map(rows.map((row) => [nameOf(valuesIn(row, question)), row]));
  const rowsOf = (some: readonly Group[]) =>
    some.flatMap(({ values }) => {
      const row = byName.get(nameOf(values));
      return row ? [row] : [];
    });
  const others = async (shown: Omit<Selection, "are">, by = 0): Promise<ReadRow[]> => {
    const groups: Selection = { are: "not", ...shown };
    const rest = addsUp(question)
      ? restOf(rows, question, groups, by)
      : await read(
          asking,
          measuresSql(reader.dialect, question, { hasNoIds, counting, by, groups }),
        );
    return rest.map(asOther);
  };
  const behindHidden = behindOfHidden(parts, filters, k, (hidden) =>
    behindOf(question, hidden, asking),
  );

  if (question.by.some(isMany)) {
    const { shown, hidden } = foldMany(
      groups.map((group) => ({ ...group, people: peopleIn(parts, group) })),
      await wholeOf(question, asking),
      question.limit,
      k,
    );
    const folded = { groups: hidden.length, isWithheld: hidden.length > 0 };
    return table(rowsOf(shown), folded);
  }
  const folds = foldedWithout(parts, filters, k);
  const isFolded = ({ values }: Group) => folds.has(nameOf(values));
  if (question.by.length === 1) {
    const { shown, hidden } = await foldLine(groups, question.limit, k, behindHidden, isFolded);
    const folded = { groups: hidden.length, isWithheld: false };
    if (hidden.length === 0) {
      return table(rowsOf(shown), folded);
    }
    const values = shown.map((group) => group.values);
    return table([...rowsOf(shown), ...(await others({ values }))], folded);
  }
  const [first, second] = question.by as [By, By];
  const sides = {
    lines: await foldSide(question, first, asking, sideOf(parts, 0)),
    columns: await foldSide(question, second, asking, sideOf(parts, 1)),
  };
  const { limit } = question;
  const { lines, rest } = await foldLines(groups, sides, { limit, k, behindHidden, isFolded });
  const values = lines.flatMap(({ shown }) => shown.map((group) => group.values));
  const withOther = lines.filter(({ hidden }) => hidden.length > 0).map(({ value }) => value);
  const inLines = withOther.length > 0 ? await others({ values, lines: withOther }, 1) : [];
  const last =
    rest.length > 0 ? await others({ values, lines: rest.map(({ value }) => value) }) : [];
  return table([...rowsOf(lines.flatMap(({ shown }) => shown)), ...inLines, ...last], {
    groups: [...lines, ...rest].reduce((sum, { hidden }) => sum + hidden.length, 0),
    isWithheld: false,
  });
}

/** Whether a filter asks for a value that is part of `other` where the same is grouped by it. */
async function namesFolded(question: Question, asking: Asking): Promise<boolean> {
  for (const condition of question.where) {
    const { dimension, values } = condition;
    const { name } = dimension;
    if (outcomes.includes(name) || isManyValued(dimension)) {
      continue;
    }
    const where = question.where.filter((other) => other !== condition);
    const { shown, hidden, folds } = await foldSide(
      { ...question, where },
      { name, kind: "dimension", dimension },
      asking,
    );
    const texts = values.map(String);
    const isIn = ({ values: [value] }: Group) => texts.includes(String(value));
    const isAlone = shown.length === 0 || (hidden.length === 1 && hidden[0]?.isSafe);
    if (texts.some((text) => folds.has(text)) || (!isAlone && hidden.some(isIn))) {
      return true;
    }
  }
  return false;
}

/**
 * By one of two dimensions alone, as that question is folded.
 * @param known its parts, where they are known.
 */
async function foldSide(
  question: Question,
  by: By,
  asking: Asking,
  known: readonly Part[] = [],
): Promise<Folding & { folds: ReadonlySet<string> }> {
  const { k } = asking;
  const side = { ...question, by: [by] };
  const filters = filtersOf(question);
  const isKnown = known.length > 0 && !known.some((part) => isUnsure(part, k));
  const parts = isKnown ? known : await readParts(side, asking);
  const folds = foldedWithout(parts, filters, k);
  const folding = await foldLine(
    groupsOf(parts, filters, k),
    Number.POSITIVE_INFINITY,
    k,
    behindOfHidden(parts, filters, k, (hidden) => behindOf(side, hidden, asking)),
    ({ values }) => folds.has(nameOf(values)),
  );
  return { ...folding, folds };
}

/** Parts by one of two dimensions: at least as many stand behind each as behind one of its cells. */
function sideOf(parts: readonly Part[], index: 0 | 1): Part[] {
  const sides = new Map<string, Part>();
  for (const part of parts) {
    const group = [part.group[index] as string];
    const key = nameOf([...group, ...part.within.map(String), part.place]);
    const { events, people } = sides.get(key) ?? { events: 0, people: 0 };
    sides.set(key, {
      ...{ ...part, group, events: events + part.events },
      people: Math.max(people, part.people),
    });
  }
  return [...sides.values()];
}

/** By days there are so many pairs of them and an installation that to have them all takes long. */
function countingOf({ by }: Question, { events, exactUpTo }: Asking): Counting {
  const [only] = by.length === 1 ? by : [];
  return only?.kind === "step" && events > exactUpTo ? { aboutOf: events } : {};
}

/** Without filters, and where all have ids, one statement has both the numbers and the parts. */
export async function measuredParts(question: Question, asking: Asking, counting: Counting) {
  const { hasNoIds, reader } = asking;
  const { where, by, places } = question;
  if (where.length > 0 || hasNoIds) {
    return undefined;
  }
  const isCounted = question.measures.includes("installations") && counting.aboutOf === undefined;
  // Bits are soon counted, where different installations of many groups take long.
  const people = isCounted || by.some(isMany) ? "exact" : "atLeast";
  const statement = measuresSql(reader.dialect, question, {
    ...{ hasNoIds, counting: { ...counting, people } },
  });
  const rows = await read(asking, statement);
  const [first, ...others] = places;
  const parts = rows.flatMap((row): Part[] => {
    const group = valuesIn(row, question);
    const counts = others.map((place) => ({ place, events: Number(row[`n_${place}`]) }));
    const counted = counts.reduce((sum, { events }) => sum + events, 0);
    return [{ place: first as Place, events: Number(row.n) - counted }, ...counts].map((one) => ({
      ...{ ...one, group, within: [] },
      ...(one.place === "installation"
        ? { people: Number(row.people), ...bitsIn(row) }
        : { people: 0 }),
    }));
  });
  const there = parts.filter(({ events }) => events > 0);
  return { rows, parts: people === "exact" ? there : await counted(there, question, asking, by) };
}

const whole = { groups: 0, isWithheld: false };

function asOther(row: ReadRow): ReadRow {
  return { g0: OTHER, g1: OTHER, ...row };
}

export function filtersOf({ where }: Question): Filter[] {
  return where.map(({ dimension, values }) => ({
    // An event can have several entries of a list, so these are one.
    values: isManyValued(dimension) ? 1 : values.length,
    isOutcome: outcomes.includes(dimension.name),
  }));
}

const outcomes = ["success", "errorPhase", "errorType"];

/** What is outside of the filters counts over all groups: there it may be enough. */
async function isPopulationSafe(
  question: Question,
  parts: readonly Part[],
  filters: readonly Filter[],
  asking: Asking,
): Promise<boolean> {
  if (parts.every(({ within, events }) => events === 0 || within.includes(0))) {
    return true;
  }
  const { k } = asking;
  const isIt = (some: readonly Part[]) => isGroupSafe(some, filters, k);
  if (question.by.length === 0 || isIt(parts)) {
    return isIt(parts);
  }
  return isIt(await readParts(question, asking, []));
}

export async function readParts(
  question: Question,
  asking: Asking,
  by = question.by,
): Promise<readonly Part[]> {
  const { hasNoIds, reader } = asking;
  // What is left without a group is had by subtraction, which a bound is not good for.
  const isAtLeast = !question.by.some(isMany);
  const statement = partsSql(reader.dialect, question, { by, hasNoIds, isAtLeast });
  const parts = partsIn(await read(asking, statement), question, by);
  return isAtLeast ? counted(parts, question, asking, by) : parts;
}

/** Of groups that at least as few as these stand behind, those that do. */
async function counted(
  parts: readonly Part[],
  question: Question,
  asking: Asking,
  by: Question["by"],
): Promise<readonly Part[]> {
  const { hasNoIds, reader, k } = asking;
  const unsure = new Map(
    parts.filter((part) => isUnsure(part, k)).map(({ group }) => [nameOf(group), group]),
  );
  if (unsure.size === 0) {
    return parts;
  }
  // All as one have no name to ask for.
  const isNamed = by.length > 0 && unsure.size <= MOST_NAMES;
  const groups = isNamed ? { are: "only" as const, values: [...unsure.values()] } : undefined;
  const rows = await read(asking, partsSql(reader.dialect, question, { by, hasNoIds, groups }));
  const sure = groups ? parts.filter(({ group }) => !unsure.has(nameOf(group))) : [];
  return [...sure, ...partsIn(rows, question, by)];
}

/** Of a lower bound: whether more could change what is shown. */
function isUnsure({ place, events, people }: Part, k: number): boolean {
  return !isWithoutId(place) && people < k && events >= k;
}

function partsIn(rows: readonly ReadRow[], question: Question, by: Question["by"]): Part[] {
  return rows.map((row) => ({
    group: by.map((_, index) => String(row[`g${index}`])),
    within: question.where.map((_, index) => Number(row[`w${index}`])),
    place: row.place as Part["place"],
    events: Number(row.n),
    people: Number(row.people),
    ...bitsIn(row),
  }));
}

function bitsIn({ bits }: ReadRow): Pick<Part, "bits"> {
  return bits === undefined ? {} : { bits: BigInt(String(bits)) };
}

async function behindOf(
  question: Question,
  hidden: readonly Group[],
  asking: Asking,
): Promise<number> {
  const { hasNoIds, reader } = asking;
  const values = hidden.slice(0, MOST_NAMES).map((group) => group.values);
  const groups = { are: "only" as const, values };
  const rows = await read(asking, behindSql(reader.dialect, question, { hasNoIds, groups }));
  // Each place's has to be enough, as for a group.
  const each = rows.map((row) =>
    behind([
      {
        ...{ group: [], within: [], place: row.place as Part["place"] },
        ...{ events: Number(row.n), people: Number(row.people) },
      },
    ]),
  );
  return each.length === 0 ? 0 : Math.min(...each);
}

async function wholeOf(
  question: Question,
  asking: Asking,
): Promise<{ events: number; people: number }> {
  const asOne: Question = { ...question, by: [], measures: ["installations"] };
  const measured = await measuredParts(asOne, asking, {});
  const parts = measured?.parts ?? (await readParts(question, asking, []));
  const inside = parts.filter(({ within }) => !within.includes(0));
  return {
    events: inside.reduce((sum, { events }) => sum + events, 0),
    people: behind(inside),
  };
}

function peopleIn(parts: readonly Part[], { values }: Group): number {
  return behind(
    parts.filter(({ group, within }) => nameOf(group) === nameOf(values) && !within.includes(0)),
  );
}

export function read({ reader, signal }: Asking, { sql, parameters }: Statement) {
  return reader.rows(sql, parameters, signal);
}
