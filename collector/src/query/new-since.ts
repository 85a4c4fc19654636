import type { Parameters } from "../store/store.ts";
import { type Asking, read } from "./answer.ts";
import type { NewSinceAnswer } from "./api.ts";
import { closedAnswerOf } from "./closed-answer.ts";
import type { Dimension } from "./dimensions.ts";
import { nameOf, OTHER } from "./fold.ts";
import { behind, type Part } from "./k.ts";
import { type By, type Condition, type Question, QuestionError } from "./question.ts";

/**
 * Errors of a version and its successors that no version before had. Which came before is decided by
 * when each was first seen, not by its number: a fix of an old line is a later version, too.
 *
 * Its rows are some of those of the question by phase and type about these versions, numbers and all,
 * so k is as safe as there. What is told besides is whether versions before had an error; of all of
 * these together, so it is said where k installations stand behind them.
 */
export async function newSince(
  question: Question,
  { since, dimensions }: NewSince,
  asking: Asking,
): Promise<Omit<NewSinceAnswer, "product" | "asOf" | "k">> {
  const { productVersion, success, errorPhase, errorType } = dimensions;
  const failed: Condition = { dimension: success, values: [false] };
  const where = [...question.where, failed];
  const order = await versionsByAge(question, asking);
  const earlier = order.slice(0, Math.max(0, order.indexOf(since)));
  const byVersion = { ...question, where, by: [byOf(productVersion)], limit: 1000 };
  const { table, period } = await closedAnswerOf(byVersion, asking);
  const named = new Set(table.rows.map(([version]) => String(version)));
  const later = order.slice(order.indexOf(since)).filter((version) => named.has(version));

  const about = { since, earlier: earlier.length };
  const nothing = { ...table, columns: [], rows: [], folded: { groups: 0, isWithheld: false } };
  if (earlier.length === 0) {
    const message = `There is no version that was seen before ${since}: ask for a later one.`;
    return { ...nothing, ...period, ...about, versions: [], message };
  }
  const withheld = {
    ...{ ...nothing, ...period, ...about, versions: [] },
    folded: { groups: 1, isWithheld: true },
    message: `Fewer than ${asking.k} installations stand behind failures of ${since}, or behind the versions before: ask for more days or fewer filters.`,
  };
  if (!later.includes(since) || (await behindVersions(question, earlier, asking)) < asking.k) {
    return withheld;
  }
  const seen = await errorsOf(question, earlier, asking);
  // Together with one of few failures nothing may be left to show; the version itself is what was asked for.
  for (const versions of [later, [since]]) {
    const of: Condition = { dimension: productVersion, values: versions };
    const by = [byOf(errorPhase), byOf(errorType)];
    const answer = await closedAnswerOf({ ...question, by, where: [...where, of] }, asking);
    if (answer.table.rows.length > 0) {
      const rows = answer.table.rows.filter(
        ([phase = null, type = null]) =>
          phase !== OTHER && type !== OTHER && !seen.has(errorOf(phase, type)),
      );
      return { ...answer.table, ...answer.period, ...about, versions, rows };
    }
  }
  return withheld;
}

export interface NewSince {
  since: string;
  dimensions: Record<"productVersion" | "success" | "errorPhase" | "errorType", Dimension>;
}

/** @throws QuestionError where the product's definitions don't have what it takes. */
export function newSinceOf(
  since: string,
  { where, by, product }: Question,
  dimensions: readonly Dimension[],
): NewSince {
  const named = (name: string): Dimension => {
    const dimension = dimensions.find((each) => each.name === name && each.isColumn);
    if (!dimension) {
      throw new QuestionError(`since=${since} can't be: the events of ${product} have no ${name}.`);
    }
    return dimension;
  };
  const own = where.find(({ dimension: { name } }) => ["productVersion", "success"].includes(name));
  if (own || by.length > 0) {
    const wrong = own ? `where.${own.dimension.name}` : "by";
    throw new QuestionError(`${wrong} can't be beside since=${since}: leave it out.`);
  }
  return {
    since,
    dimensions: {
      ...{ productVersion: named("productVersion"), success: named("success") },
      ...{ errorPhase: named("errorPhase"), errorType: named("errorType") },
    },
  };
}

function byOf(dimension: Dimension): By {
  return { name: dimension.name, kind: "dimension", dimension };
}

function errorOf(phase: unknown, type: unknown): string {
  return nameOf([String(phase ?? ""), String(type ?? "")]);
}

/** By when each was first seen: aggregates know of days whose events are gone. */
async function versionsByAge(question: Question, asking: Asking): Promise<string[]> {
  const { dialect } = asking.reader;
  const { product } = question;
  const kept = await read(asking, {
    sql: `SELECT productVersion AS version, ${dialect.text("min(day)")} AS first FROM ${dialect.events}
      WHERE product = :product AND productVersion IS NOT NULL
      GROUP BY productVersion ORDER BY min(timestamp), productVersion`,
    parameters: { product },
  });
  const gone = await read(asking, {
    sql: `SELECT value AS version, ${dialect.text("min(day)")} AS first FROM daily
      WHERE product = :product AND dimension = 'productVersion' GROUP BY value`,
    parameters: { product },
  });
  const firsts = new Map(kept.map(({ version, first }) => [String(version), String(first)]));
  for (const { version, first } of gone) {
    const known = firsts.get(String(version));
    if (known !== undefined && String(first) < known) firsts.set(String(version), String(first));
  }
  return [...firsts].sort(([, a], [, b]) => (a < b ? -1 : Number(a > b))).map(([name]) => name);
}

/** Of all places and days: an error that somebody had elsewhere is not new. */
function ofVersions({ product }: Question, versions: readonly string[]) {
  const parameters: Parameters = { product };
  const marks = versions.map((version, index) => {
    parameters[`v${index}`] = version;
    return `:v${index}`;
  });
  return { where: `product = :product AND productVersion IN (${marks.join(", ")})`, parameters };
}

async function behindVersions(
  question: Question,
  versions: readonly string[],
  asking: Asking,
): Promise<number> {
  const { dialect } = asking.reader;
  const { where, parameters } = ofVersions(question, versions);
  // Machines without an id mark their first event of a month, so each month is counted by itself.
  const rows = await read(asking, {
    sql: `SELECT place, count(*) AS n,
      ${dialect.distinct("anonymousId")} + ${dialect.countIf("firstOfMonth = true")} AS people
      FROM (SELECT place, ${dialect.startOf("month", "day")} AS month, anonymousId, firstOfMonth
      FROM ${dialect.events} WHERE ${where}) AS e GROUP BY place, month`,
    parameters,
  });
  const parts = rows.map(
    (row): Part => ({
      ...{ group: [], within: [], place: row.place as Part["place"] },
      ...{ events: Number(row.n), people: Number(row.people) },
    }),
  );
  return behind(parts);
}

async function errorsOf(
  question: Question,
  versions: readonly string[],
  asking: Asking,
): Promise<Set<string>> {
  const { dialect } = asking.reader;
  const { where, parameters } = ofVersions(question, versions);
  const rows = await read(asking, {
    sql: `SELECT errorPhase AS phase, errorType AS type FROM ${dialect.events}
      WHERE ${where} AND success = false GROUP BY errorPhase, errorType`,
    parameters,
  });
  return new Set(rows.map(({ phase, type }) => errorOf(phase, type)));
}
