import type { Dialect, Parameters } from "../store/store.ts";
import type { Measure } from "./api.ts";
import { binSql } from "./bins.ts";
import { endOf, partsOf } from "./days.ts";
import { expressionOf, isManyValued } from "./dimensions.ts";
import type { By, Condition, Question } from "./question.ts";

/**
 * Questions as SQL, for every engine. Values only ever are parameters, names only those of the
 * definitions.
 */
export interface Statement {
  sql: string;
  parameters: Parameters;
}

/** Both included. */
interface Days {
  from: string;
  to: string;
}

/** What a question's statements have in common. */
class Builder {
  readonly parameters: Parameters = {};
  readonly dialect: Dialect;
  readonly #question: Question;

  constructor(dialect: Dialect, question: Question) {
    this.dialect = dialect;
    this.#question = question;
  }

  mark(value: string | number | boolean): string {
    const name = `p${Object.keys(this.parameters).length}`;
    this.parameters[name] = value;
    return `:${name}`;
  }

  marks(values: readonly (string | number | boolean)[]): string {
    return values.map((value) => this.mark(value)).join(", ");
  }

  among(text: string, values: readonly string[]): string {
    return this.dialect.among(
      text,
      values.map((value) => this.mark(value)),
    );
  }

  day(day: string): string {
    return `CAST(${this.mark(day)} AS DATE)`;
  }

  /** All but the filters. */
  population({ from, to }: Days = this.#question): string {
    const { product, places, events } = this.#question;
    return [
      `product = ${this.mark(product)}`,
      from === to ? `day = ${this.day(from)}` : `day BETWEEN ${this.day(from)} AND ${this.day(to)}`,
      this.among("place", places),
      this.among("eventName", events),
    ].join(" AND ");
  }

  filters(): string {
    return this.#question.where
      .map((condition) => ` AND ${this.meets(condition, condition.values)}`)
      .join("");
  }

  meets({ dimension }: Condition, values: Condition["values"]): string {
    const { name, kind } = dimension;
    if (kind === "list" || kind === "map") {
      const has = values.map((value) => this.dialect.has(name, kind, this.mark(value)));
      return `(${has.join(" OR ")})`;
    }
    const value = expressionOf(dimension, this.dialect);
    return dimension.as === "text"
      ? this.among(value, values.map(String))
      : `${value} IN (${this.marks(values)})`;
  }

  group(by: By): string {
    switch (by.kind) {
      case "step":
        return by.name === "day" ? "day" : this.dialect.startOf(by.name, "day");
      case "place":
        return "place";
      case "dimension":
        return expressionOf(by.dimension, this.dialect);
      case "bin":
        return binSql(expressionOf(by.dimension, this.dialect), by.dimension.name);
    }
  }

  /** Its values as text, empty where there is none. */
  groupText(index: number): string {
    const by = this.#question.by[index];
    const isFlag = by?.kind === "dimension" && by.dimension.as === "boolean";
    return `coalesce(${this.dialect.text(`g${index}`, isFlag)}, '')`;
  }

  groupAmong(index: number, texts: readonly string[]): string {
    return this.#isStep(index)
      ? `g${index} IN (${texts.map((text) => this.day(text)).join(", ")})`
      : this.among(this.groupText(index), texts);
  }

  /** The first two as one: a text of both would have to be made of every row. */
  pairAmong(pairs: readonly (readonly string[])[]): string {
    const [[first] = [], ...others] = pairs;
    if (first !== undefined && others.every(([one]) => one === first)) {
      const seconds = pairs.map(([, second]) => String(second));
      return `(${this.groupAmong(0, [first])} AND ${this.groupAmong(1, seconds)})`;
    }
    const values = [0, 1].map((index) =>
      this.#isStep(index) ? `g${index}` : this.groupText(index),
    );
    const marks = pairs.map((pair) =>
      pair
        .map((text, index) => (this.#isStep(index) ? this.day(text) : this.mark(text)))
        .join(", "),
    );
    return `(${values.join(", ")}) IN ((${marks.join("), (")}))`;
  }

  grouping(key: string, index: number): { by: string; value: string } {
    return this.#isStep(index) ? { by: key, value: key } : this.dialect.grouping(key);
  }

  /** A day is soon compared, its text has to be made. */
  #isStep(index: number): boolean {
    return this.#question.by[index]?.kind === "step";
  }
}

/** Events and installations of each group, place, and side of each filter. */
export function partsSql(
  dialect: Dialect,
  question: Question,
  {
    by = question.by,
    hasNoIds,
    isAtLeast = false,
    groups,
  }: {
    by?: readonly By[];
    hasNoIds: boolean;
    /** Where a lower bound of installations is enough. */
    isAtLeast?: boolean;
    groups?: Selection | undefined;
  },
): Statement {
  const builder = new Builder(dialect, question);
  const grouped = by.map((each, index) => `${builder.group(each)} AS g${index}`);
  const within = question.where.map((condition, index) => {
    const sides = isManyValued(condition.dimension)
      ? [condition.values]
      : condition.values.map((value) => [value]);
    const cases = sides.map(
      (values, at) => `WHEN ${builder.meets(condition, values)} THEN ${at + 1}`,
    );
    return `CASE ${cases.join(" ")} ELSE 0 END AS w${index}`;
  });
  const keys = [
    ...by.map((_, index) => `g${index}`),
    ...question.where.map((_, index) => `w${index}`),
    "place",
  ];
  const inner = `SELECT ${[...grouped, ...within].map((each) => `${each}, `).join("")}place,
    anonymousId, firstOfDay, firstOfWeek, firstOfMonth, day
    FROM ${dialect.events} WHERE ${builder.population(daysOf(question, groups))}`;
  const marked = hasNoIds ? ` + ${machines(builder, question, "1")}` : "";
  const people = isAtLeast
    ? dialect.distinctAtLeast("anonymousId")
    : dialect.distinct("anonymousId");
  const selected = groups ? ` WHERE ${nameSql(builder, by.length, groups)}` : "";
  const bits = hasBits(by) ? `, ${dialect.bits("anonymousId")} AS bits` : "";
  const sql = `SELECT ${keys.join(", ")}, count(*) AS n, ${people}${marked} AS people${bits}
    FROM (${inner}) AS e${selected} GROUP BY ${keys.join(", ")}`;
  const texts = by.map((_, index) => `${builder.groupText(index)} AS g${index}`);
  const rest = keys.slice(by.length);
  return {
    sql: `SELECT ${[...texts, ...rest, "n", "people", ...(bits ? ["bits"] : [])].join(", ")} FROM (${sql}) AS p`,
    parameters: builder.parameters,
  };
}

/** Bins are put together until enough stand behind them. */
function hasBits(by: readonly By[]): boolean {
  return by.some(({ kind }) => kind === "bin");
}

/**
 * Machines of clients without an id: each marks its first event of a day, week and month. Marks of one
 * month are different machines, so the largest month's are as many as there are at least.
 */
function machines(builder: Builder, question: Question, each: string): string {
  const { dialect } = builder;
  const { from, to } = question;
  const steps = question.by.map(({ name }) => name);
  if (steps.includes("day") || from === to) {
    return dialect.sumIf(each, "firstOfDay = true");
  }
  if (steps.includes("week")) {
    return dialect.sumIf(each, "firstOfWeek = true");
  }
  if (steps.includes("month")) {
    return dialect.sumIf(each, "firstOfMonth = true");
  }
  const sums = (["week", "month"] as const).flatMap((step) => {
    const flag = step === "week" ? "firstOfWeek" : "firstOfMonth";
    return partsOf(step, from, to).map((part) =>
      dialect.sumIf(
        each,
        `${flag} = true AND day BETWEEN ${builder.day(part.from)} AND ${builder.day(part.to)}`,
      ),
    );
  });
  return `greatest(${sums.join(", ")})`;
}

const each = "1 / sampleRate";
const duration = "CASE WHEN success = true THEN duration END";
const shares = { p50: 0.5, p75: 0.75, p95: 0.95, p99: 0.99 } as const;

/** Some of the groups: by all their values as text, and of two by some of the first. */
export interface Selection {
  are: "only" | "not";
  values: readonly (readonly string[])[];
  lines?: readonly string[];
}

/** How different installations and projects are counted, and those that stand behind a group. */
export interface Counting {
  /** Within 3 %: of a period that has so many events. */
  aboutOf?: number | undefined;
  /** Adds `people` and, of all places but the first, `n_<place>`. */
  people?: "exact" | "atLeast" | undefined;
}

/**
 * @param groups only these, or all but these, by their values as text.
 * @param by what the rows are grouped by, where that is less than the question's.
 */
export function measuresSql(
  dialect: Dialect,
  question: Question,
  options: {
    hasNoIds: boolean;
    by?: number;
    groups?: Selection;
    counting?: Counting;
  },
): Statement {
  const builder = new Builder(dialect, question);
  const { measures } = question;
  const { hasNoIds, by = question.by.length, groups } = options;
  const { aboutOf, people } = options.counting ?? {};
  const distinct = (column: string) =>
    aboutOf === undefined ? dialect.distinct(column) : dialect.aboutDistinct(column, aboutOf);
  const wanted = new Set(measures);
  const marked = hasNoIds ? ` + ${machines(builder, question, each)}` : "";
  const columns = [`min(sampleRate) AS rate`, "count(*) AS n"];
  const add = (name: string, ...needed: Measure[]) => {
    if (needed.some((measure) => wanted.has(measure))) {
      columns.push(name);
    }
  };
  add(`sum(${each}) AS events`, "events");
  add(`${dialect.sumIf(each, "success = true")} AS completed`, "builds", "successRate");
  add(`${dialect.sumIf(each, "success = false")} AS failures`, "builds", "failures", "successRate");
  add(
    `${distinct("anonymousId")}${marked} AS installations`,
    ...(["installations", "installationsHit"] as const),
  );
  add(`${distinct("projectHash")} AS projects`, "projects");
  add(`${distinct("CASE WHEN success = false THEN anonymousId END")} AS hit`, "installationsHit");
  const percentiles = percentilesOf(measures);
  if (percentiles.length > 0) {
    columns.push(
      `${dialect.quantiles(
        duration,
        percentiles.map((name) => shares[name]),
      )} AS q`,
    );
  }
  if (people) {
    const counted = people === "exact" ? dialect.distinct : dialect.distinctAtLeast;
    const [, ...others] = question.places;
    columns.push(
      `${counted("anonymousId")} AS people`,
      ...(hasBits(question.by) ? [`${dialect.bits("anonymousId")} AS bits`] : []),
      ...others.map((place) => `${dialect.countIf(builder.among("place", [place]))} AS n_${place}`),
    );
  }
  const keys = question.by.map((_, index) => `g${index}`);
  const grouped = question.by.map((one, index) => `${builder.group(one)} AS g${index}`);
  const selected = groups ? ` WHERE ${nameSql(builder, keys.length, groups)}` : "";
  const inner = `SELECT ${grouped.map((one) => `${one}, `).join("")}day, place, anonymousId, projectHash,
    sampleRate, success, duration, firstOfDay, firstOfWeek, firstOfMonth
    FROM ${dialect.events} WHERE ${builder.population(daysOf(question, groups))}${builder.filters()}`;
  const used = keys.slice(0, by);
  const groupings = used.map((key, index) => builder.grouping(key, index));
  const values = groupings.map(({ value }, index) => `${value} AS ${used[index]}`);
  const sql = `SELECT ${[...values, ...columns].join(", ")} FROM (${inner}) AS e${selected}${
    used.length > 0 ? ` GROUP BY ${groupings.map(({ by }) => by).join(", ")}` : ""
  }`;
  const names = columns
    .map((column) => column.slice(column.lastIndexOf(" ") + 1))
    .flatMap((name) =>
      name === "q" ? percentiles.map((share, index) => `q[${index + 1}] AS ${share}`) : [name],
    );
  const texts = used.map((_, index) => `${builder.groupText(index)} AS g${index}`);
  return {
    sql: `SELECT ${[...texts, ...names].join(", ")} FROM (${sql}) AS m`,
    parameters: builder.parameters,
  };
}

/** Of groups by a step of time, the days that they can be of: engines soon find few. */
function daysOf({ by, from, to }: Question, groups: Selection | undefined): Days {
  const at = by.findIndex(({ kind }) => kind === "step");
  const lines = at === 0 ? groups?.lines : undefined;
  const named = groups?.are === "only" ? groups.values.map((each) => each[at]) : lines;
  const steps = (named ?? []).filter((step) => step !== undefined).toSorted();
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return { from, to };
  const step = by[at]?.name;
  const end = step === "week" || step === "month" ? endOf(step, last) : last;
  return { from: first > from ? first : from, to: end < to ? end : to };
}

function nameSql(builder: Builder, keys: number, { are, values, lines }: Selection): string {
  const inLines = lines ? `${builder.groupAmong(0, lines)} AND ` : "";
  if (values.length === 0) {
    return are === "only" ? "1 = 0" : `${inLines}1 = 1`;
  }
  const isOne =
    keys === 1
      ? builder.groupAmong(
          0,
          values.map(([value]) => String(value)),
        )
      : builder.pairAmong(values);
  return `${inLines}${are === "only" ? "" : "NOT "}${isOne}`;
}

/** What stands behind some groups together, inside of the filters. */
export function behindSql(
  dialect: Dialect,
  question: Question,
  { hasNoIds, groups }: { hasNoIds: boolean; groups: Selection },
): Statement {
  const builder = new Builder(dialect, question);
  const grouped = question.by.map((one, index) => `${builder.group(one)} AS g${index}`);
  const marked = hasNoIds ? ` + ${machines(builder, question, "1")}` : "";
  const inner = `SELECT ${grouped.join(", ")}, place, day, anonymousId, firstOfDay, firstOfWeek,
    firstOfMonth FROM ${dialect.events} WHERE ${builder.population(daysOf(question, groups))}${builder.filters()}`;
  return {
    sql: `SELECT place, count(*) AS n, ${dialect.distinct("anonymousId")}${marked} AS people
      FROM (${inner}) AS e WHERE ${nameSql(builder, grouped.length, groups)} GROUP BY place`,
    parameters: builder.parameters,
  };
}

function percentilesOf(measures: readonly Measure[]) {
  return (["p50", "p75", "p95", "p99"] as const).filter((name) => measures.includes(name));
}

/** Weeks, or days, with what stands behind them. */
export function stepsSql(
  dialect: Dialect,
  question: Question,
  step: "day" | "week",
  isAtLeast = false,
): Statement {
  const builder = new Builder(dialect, question);
  const group = step === "day" ? "day" : dialect.startOf("week", "day");
  const flag = step === "day" ? "firstOfDay" : "firstOfWeek";
  const distinct = isAtLeast ? dialect.distinctAtLeast : dialect.distinct;
  const people = `${distinct("anonymousId")} + ${dialect.countIf(`${flag} = true`)}`;
  return {
    sql: `SELECT ${dialect.text("g0")} AS step, place, n, people FROM (SELECT g0, place, count(*) AS n,
      ${people} AS people FROM (SELECT ${group} AS g0, place, anonymousId, firstOfDay, firstOfWeek
      FROM ${dialect.events} WHERE ${builder.population()}${builder.filters()}) AS e
      GROUP BY g0, place) AS s`,
    parameters: builder.parameters,
  };
}

/** What stands behind some days, at least: engines find each of them by itself soonest. */
export function endsOfSql(
  dialect: Dialect,
  question: Question,
  days: readonly string[],
): Statement {
  const builder = new Builder(dialect, question);
  const each = days.map(
    (day) => `SELECT day, place, anonymousId, firstOfDay FROM ${dialect.events}
      WHERE ${builder.population({ from: day, to: day })}${builder.filters()}`,
  );
  const people = `${dialect.distinctAtLeast("anonymousId")} + ${dialect.countIf("firstOfDay = true")}`;
  return {
    sql: `SELECT ${dialect.text("day")} AS step, place, n, people FROM (SELECT day, place, count(*) AS n,
      ${people} AS people FROM (${each.join(" UNION ALL ")}) AS e GROUP BY day, place) AS s`,
    parameters: builder.parameters,
  };
}

/** Changes when rows of these days come or go. */
export function stampSql(dialect: Dialect, question: Question): Statement {
  const builder = new Builder(dialect, question);
  const { product, from, to } = question;
  return {
    sql: `SELECT count(*) AS n, ${dialect.text("max(receivedAt)")} AS latest FROM ${dialect.events}
      WHERE product = ${builder.mark(product)} AND day BETWEEN ${builder.day(from)} AND ${builder.day(to)}`,
    parameters: builder.parameters,
  };
}

/** Daily aggregates by value, place and step; over several days only what adds up is of use. */
export function dailySql(dialect: Dialect, question: Question, dimension: string): Statement {
  const builder = new Builder(dialect, question);
  const { product, from, to, places, by } = question;
  const step = by.find(({ kind }) => kind === "step");
  const group = step ? builder.group(step) : "NULL";
  const columns = ["p50", "p75", "p95", "p99"].map((name) => `max(${name}) AS ${name}`);
  return {
    sql: `SELECT ${step ? dialect.text("g0") : "NULL"} AS step, place, value, count(DISTINCT day) AS days,
      ${dialect.text("min(day)")} AS day, sum(completed + failures) AS builds,
      sum(completed) AS completed, sum(failures) AS failures, max(installations) AS people,
      max(projects) AS projects, ${columns.join(", ")}
      FROM (SELECT ${group} AS g0, * FROM daily WHERE product = ${builder.mark(product)}
      AND day BETWEEN ${builder.day(from)} AND ${builder.day(to)}
      AND place IN (${builder.marks(places)}) AND dimension = ${builder.mark(dimension)}) AS d
      GROUP BY g0, place, value`,
    parameters: builder.parameters,
  };
}
