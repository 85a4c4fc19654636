import type { Reader, ReadRow } from "../store/store.ts";
import type { Table } from "./api.ts";
import { foldLine, foldMany, type Group, groupsOf, nameOf, OTHER } from "./fold.ts";
import { foldLines } from "./fold-lines.ts";
import { behind, type Filter, isGroupSafe, type Part } from "./k.ts";
import { isMany, type Question } from "./question.ts";
import { behindSql, measuresSql, partsSql, type Selection, type Statement } from "./sql.ts";
import { tableOf } from "./table.ts";

/** A question's answer out of raw events, with k applied. */

export interface Asking {
  reader: Reader;
  k: number;
  /** Whether a client of the product has no ids. */
  hasNoIds: boolean;
  signal?: AbortSignal | undefined;
}

/** More are not looked at; a lower bound is as good. */
const MOST_NAMES = 1000;

export async function answerOf(question: Question, asking: Asking): Promise<Table> {
  const { hasNoIds, k, reader } = asking;
  const filters = filtersOf(question);
  const parts = await readParts(question, asking);
  if (!(await isPopulationSafe(question, parts, filters, asking))) {
    const { length } = groupsOf(parts, filters, k);
    return tableOf(question, [], { groups: length, isWithheld: true });
  }
  const groups = groupsOf(parts, filters, k);
  const rows = await read(asking, measuresSql(reader.dialect, question, { hasNoIds }));
  if (question.by.length === 0 || groups.length === 0) {
    return tableOf(question, question.by.length === 0 ? rows : [], whole);
  }
  const byName = new Map(rows.map((row) => [nameOf(valuesIn(row, question)), row]));
  const rowsOf = (some: readonly Group[]) =>
    some.flatMap(({ values }) => {
      const row = byName.get(nameOf(values));
      return row ? [row] : [];
    });
  const selected = (selection: Selection, by = 0) =>
    read(asking, measuresSql(reader.dialect, question, { hasNoIds, by, groups: selection }));
  const behindHidden = (hidden: readonly Group[]) => behindOf(question, hidden, asking);

  if (question.by.some(isMany)) {
    const { shown, hidden } = foldMany(
      groups.map((group) => ({ ...group, people: peopleIn(parts, group) })),
      wholeOf(await readParts(question, asking, [])),
      question.limit,
      k,
    );
    const folded = { groups: hidden.length, isWithheld: hidden.length > 0 };
    return tableOf(question, rowsOf(shown), folded);
  }
  if (question.by.length === 1) {
    const { shown, hidden } = await foldLine(groups, question.limit, k, behindHidden);
    const folded = { groups: hidden.length, isWithheld: false };
    if (hidden.length === 0) {
      return tableOf(question, rowsOf(shown), folded);
    }
    const others = await selected({ are: "not", names: shown.map(({ values }) => nameOf(values)) });
    return tableOf(question, [...rowsOf(shown), ...others.map(asOther)], folded);
  }
  const { lines, rest, isRestShown } = await foldLines(groups, question.limit, k, behindHidden);
  const shown = lines.flatMap((line) => line.shown);
  const hidden = lines.reduce((sum, line) => sum + line.hidden.length, 0);
  const withOther = lines.filter(({ hasOther }) => hasOther).map(({ value }) => value);
  const names = shown.map(({ values }) => nameOf(values));
  const others =
    withOther.length > 0 ? await selected({ are: "not", names, lines: withOther }, 1) : [];
  const last = isRestShown ? await selected({ are: "not", names, lines: rest }) : [];
  return tableOf(question, [...rowsOf(shown), ...others.map(asOther), ...last.map(asOther)], {
    groups: hidden,
    isWithheld: rest.length > 0 && !isRestShown,
  });
}

const whole = { groups: 0, isWithheld: false };

function asOther(row: ReadRow): ReadRow {
  return { g0: OTHER, g1: OTHER, ...row };
}

export function filtersOf({ where }: Question): Filter[] {
  return where.map(({ dimension: { name, kind }, values }) => ({
    // An event can have several entries of a list, so these are one.
    values: kind === "list" || kind === "map" ? 1 : values.length,
    isOutcome: outcomes.includes(name),
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
): Promise<Part[]> {
  const { hasNoIds, reader } = asking;
  const rows = await read(asking, partsSql(reader.dialect, question, { by, hasNoIds }));
  return rows.map((row) => ({
    group: by.map((_, index) => String(row[`g${index}`])),
    within: question.where.map((_, index) => Number(row[`w${index}`])),
    place: row.place as Part["place"],
    events: Number(row.n),
    people: Number(row.people),
  }));
}

async function behindOf(
  question: Question,
  hidden: readonly Group[],
  asking: Asking,
): Promise<number> {
  const { hasNoIds, reader } = asking;
  const names = hidden.slice(0, MOST_NAMES).map(({ values }) => nameOf(values));
  const groups = { are: "only" as const, names };
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

function wholeOf(parts: readonly Part[]): { events: number; people: number } {
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

function valuesIn(row: ReadRow, { by }: Question): string[] {
  return by.map((_, index) => String(row[`g${index}`]));
}

export function read({ reader, signal }: Asking, { sql, parameters }: Statement) {
  return reader.rows(sql, parameters, signal);
}
