import { dailyDimensions } from "../aggregate/daily.ts";
import type { ReadRow } from "../store/store.ts";
import { type Asking, filtersOf, read } from "./answer.ts";
import type { Measure, Table } from "./api.ts";
import {
  behindOfHidden,
  foldedWithout,
  foldLine,
  type Group,
  groupsOf,
  nameOf,
  OTHER,
} from "./fold.ts";
import { behind, isGroupSafe, type Part } from "./k.ts";
import { type Question, QuestionError } from "./question.ts";
import { dailySql } from "./sql.ts";
import { tableOf } from "./table.ts";

/**
 * Answers about days whose raw events are deleted, out of daily aggregates: one dimension, over time or
 * not. What doesn't add up from days (installations, percentiles) is there by day only.
 */
export async function longAnswerOf(question: Question, asking: Asking): Promise<Table> {
  const name = dimensionOf(question);
  const { by, where } = question;
  const isByDay = by.some((one) => one.name === "day");
  const rows = await read(asking, dailySql(asking.reader.dialect, question, name));
  const parts = rows.map((row): Part => {
    const value = textOf(row.value);
    const within = where.map(({ values }) => values.map(String).indexOf(value) + 1);
    return {
      ...{ group: by.map((_, index) => keyOf(row, index, question)), within },
      ...{ place: row.place as Part["place"], events: Number(row.builds) },
      people: Number(row.people),
    };
  });
  const filters = filtersOf(question);
  const { k } = asking;
  const inside = rows.filter((_, index) => !parts[index]?.within.includes(0));
  if (parts.some(({ events }) => events > 0) && !isGroupSafe(parts, filters, k)) {
    return tableOf(question, [], { groups: 1, isWithheld: true });
  }
  const byName = new Map<string, ReadRow[]>();
  for (const row of inside) {
    const key = nameOf(by.map((_, index) => keyOf(row, index, question)));
    byName.set(key, [...(byName.get(key) ?? []), row]);
  }
  const groups = groupsOf(parts, filters, k);
  const folds = foldedWithout(parts, filters, k);
  const { shown, hidden } = await foldLine(
    groups,
    question.limit,
    k,
    behindOfHidden(parts, filters, k, async (some) =>
      behind(parts.filter(({ group }) => isIn(some, group))),
    ),
    ({ values }) => folds.has(nameOf(values)),
  );
  const summed = shown.map(({ values }) => sumOf(byName.get(nameOf(values)) ?? [], values));
  if (by.length === 0) {
    summed.splice(0, summed.length, sumOf(inside, []));
  } else if (hidden.length > 0) {
    const rest = hidden.flatMap(({ values }) => byName.get(nameOf(values)) ?? []);
    summed.push(
      sumOf(
        rest,
        by.map(() => OTHER),
      ),
    );
  }
  const folded = { groups: by.length === 0 ? 0 : hidden.length, isWithheld: false };
  const table = tableOf(question, summed, folded);
  return {
    ...table,
    columns: table.columns.map((column) =>
      isKept(column.name as Measure, isByDay) || column.kind === "dimension"
        ? column
        : { ...column, missing },
    ),
  };
}

const missing =
  "Raw events of these days are deleted, and this doesn't add up from days: ask by day, or for fewer days.";

const additive: readonly Measure[] = ["builds", "failures", "successRate"];
const ofOneDay: readonly Measure[] = ["installations", "projects", "p50", "p75", "p95", "p99"];

function isKept(measure: Measure, isByDay: boolean): boolean {
  return additive.includes(measure) || (isByDay && ofOneDay.includes(measure));
}

/** @throws QuestionError where aggregates don't have it. */
function dimensionOf({ by, where, from }: Question): string {
  const names = new Set([
    ...by.flatMap((one) => (one.kind === "dimension" ? [one.name] : [])),
    ...where.map(({ dimension }) => dimension.name),
  ]);
  const [name = ""] = names;
  const isThere = name === "" || (dailyDimensions as readonly string[]).includes(name);
  if (names.size > 1 || !isThere) {
    throw new QuestionError(
      `from=${from} is before what raw events are kept for, and daily aggregates have one dimension at a time of ${dailyDimensions.join(", ")}: ask for fewer days, or less.`,
    );
  }
  return name;
}

function keyOf(row: ReadRow, index: number, { by }: Question): string {
  const one = by[index];
  return one?.kind === "dimension"
    ? textOf(row.value)
    : String(one?.kind === "place" ? row.place : row.step);
}

function textOf(value: unknown): string {
  return value === "unknown" ? "" : String(value);
}

function isIn(some: readonly Group[], group: readonly string[]): boolean {
  return some.some(({ values }) => nameOf(values) === nameOf(group));
}

/** Percentiles stay where there is one row, of one day and place. */
function sumOf(rows: readonly ReadRow[], values: readonly string[]): ReadRow {
  const sum = (name: string) => rows.reduce((total, row) => total + Number(row[name] ?? 0), 0);
  const [only] = rows.length === 1 ? rows : [];
  const isOneDay =
    new Set(rows.map(({ day }) => day)).size <= 1 && rows.every(({ days }) => Number(days) === 1);
  const none = (name: string) => (isOneDay ? sum(name) : null);
  return {
    ...Object.fromEntries(values.map((value, index) => [`g${index}`, value])),
    ...{ rate: 1, n: sum("builds"), completed: sum("completed"), failures: sum("failures") },
    ...{ installations: none("people"), projects: none("projects"), events: null, hit: null },
    ...Object.fromEntries(
      ["p50", "p75", "p95", "p99"].map((name) => [
        name,
        Number(only?.days) === 1 ? (only?.[name] ?? null) : null,
      ]),
    ),
  };
}
