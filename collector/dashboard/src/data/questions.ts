import type { Measure } from "../../../src/query/api.ts";
import { type Period, periodOf, placesChoices, type View } from "./view.ts";

/** A view's filters as the API's parameters. */

export interface Question {
  by?: readonly string[];
  measures: readonly Measure[];
  period?: Period;
  places?: string;
  limit?: number;
  /** On top of the view's own. */
  where?: Record<string, readonly string[]>;
}

export function queryOf(view: View, product: string, question: Question): string {
  const parameters = parametersOf(view, product, question);
  if (question.by?.length) parameters.set("by", question.by.join(","));
  parameters.set("measure", question.measures.join(","));
  if (question.limit !== undefined) parameters.set("limit", String(question.limit));
  return `query?${readable(parameters)}`;
}

export function distributionOf(
  view: View,
  product: string,
  question: Omit<Question, "measures"> & { field: string; bins: number },
): string {
  const parameters = parametersOf(view, product, question);
  if (question.by?.length) parameters.set("by", question.by.join(","));
  parameters.set("field", question.field);
  parameters.set("bins", String(question.bins));
  return `distribution?${readable(parameters)}`;
}

/** Errors of a version and later that no version before had. */
export function newSinceOf(
  view: View,
  product: string,
  question: Question & { since: string },
): string {
  const parameters = parametersOf(view, product, question);
  parameters.set("measure", question.measures.join(","));
  parameters.set("since", question.since);
  return `new?${readable(parameters)}`;
}

/** The same table, or distribution, as a file. */
export function exportOf(query: string, format: "csv" | "parquet"): string {
  return `${query.replace(/^\w+\?/, "export?")}&format=${format}`;
}

function parametersOf(
  view: View,
  product: string,
  { period = periodOf(view.range), places, where }: Partial<Question>,
): URLSearchParams {
  const parameters = new URLSearchParams({ product, ...period });
  parameters.set("places", places ?? placesChoices[view.places].places);
  for (const [name, values] of Object.entries({ ...view.where, ...where })) {
    parameters.set(`where.${name}`, values.join(","));
  }
  return parameters;
}

function readable(parameters: URLSearchParams): string {
  return parameters.toString().replaceAll("%2C", ",");
}
