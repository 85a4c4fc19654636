import type { Measure, ProductSummary, ProductsAnswer, QueryAnswer } from "../query/api.ts";
import { addDays, dayOf, daysBetween, firstKept, startOf } from "../query/days.ts";

/** What is published of a product: answers of the query API, and nothing else. */
export interface Published {
  product: string;
  /** Whole weeks, so that one page beside the next tells of no single day. */
  from: string;
  to: string;
  madeOn: string;
  k: number;
  total: Row | undefined;
  places: Row[];
  weeks: Row[];
  groups: { name: string; description: string; rows: Row[] }[];
  failures: Row[];
}

export type Row = Record<string, string | number | boolean | null>;

/** Asks the query API: path and parameters below `/api/v1/`. */
export type Ask = <T>(path: string) => Promise<T>;

/** Fewer where raw events are not kept for as long: what is asked here doesn't add up from days. */
const MOST_WEEKS = 12;
const groups = [
  ...["productVersion", "bundler", "platform", "nodeVersion", "packageManager", "runtime", "agent"],
  ...["memoryTotal", "cpuCores"],
];
const MOST = 12;

export async function numbersOf(
  product: ProductSummary,
  ask: Ask,
  { now, retentionDays }: { now: Date } & Pick<ProductsAnswer, "retentionDays">,
): Promise<Published> {
  const to = addDays(startOf("week", dayOf(now)), -1);
  const daysKept = daysBetween(firstKept(now, retentionDays), to);
  const from = addDays(to, 1 - Math.min(MOST_WEEKS, Math.floor(daysKept / 7)) * 7);
  const answered = async (parameters: Record<string, string>, ...measures: Measure[]) => {
    const query = new URLSearchParams({
      ...{ product: product.name, from, to, measure: measures.join(",") },
      ...parameters,
    });
    return ask<QueryAnswer>(`query?${query}`);
  };
  const total = await answered(
    {},
    ...(["builds", "successRate", "installations", "projects", "p50", "p95"] as const),
  );
  const places = await answered(
    { by: "place", places: "installation,none,ci,container" },
    ...(["builds", "successRate", "p50"] as const),
  );
  const weeks = await answered(
    { by: "week", limit: "100" },
    ...(["builds", "installations", "p50", "p95", "successRate"] as const),
  );
  const found: Published["groups"] = [];
  const own = product.dimensions.filter(
    ({ from: where, kind }) => where === "fields" && kind !== "map",
  );
  for (const name of [...groups, ...own.map((each) => each.name)]) {
    const dimension = product.dimensions.find((each) => each.name === name);
    const isDrawn =
      dimension && (dimension.kind !== "number" || dimension.values || !own.includes(dimension));
    if (dimension && isDrawn) {
      const answer = await answered(
        { by: name, limit: String(MOST) },
        ...(["builds", "installations"] as const),
      );
      if (answer.rows.length > 1) {
        found.push({ name, description: dimension.description, rows: rowsOf(answer) });
      }
    }
  }
  const hasErrors = product.dimensions.some(({ name }) => name === "errorType");
  const failures = hasErrors
    ? rowsOf(
        await answered(
          { by: "errorType", "where.success": "false", limit: String(MOST) },
          ...(["failures", "installations"] as const),
        ),
      )
    : [];
  return {
    ...{ product: product.name, from, to, madeOn: dayOf(now), k: total.k },
    ...{ total: rowsOf(total)[0], places: rowsOf(places), weeks: rowsOf(weeks) },
    ...{ groups: found, failures },
  };
}

function rowsOf({ columns, rows }: QueryAnswer): Row[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])),
  );
}
