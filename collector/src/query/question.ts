import type { Place } from "../rows/row.ts";
import type { Measure } from "./api.ts";
import { addDays, dayOf, daysBetween, isDay } from "./days.ts";
import { type Dimension, isManyValued } from "./dimensions.ts";

/** A question as plain data, out of an address's parameters. */
export interface Question {
  product: string;
  /** Days, both included, UTC. */
  from: string;
  to: string;
  by: By[];
  measures: Measure[];
  where: Condition[];
  places: Place[];
  events: string[];
  limit: number;
}

type Step = "day" | "week" | "month";
export type By =
  | { name: Step; kind: "step" }
  | { name: "place"; kind: "place" }
  /** A bin of a number's distribution, by its own number; see bins.ts. */
  | { name: "bin"; kind: "bin"; dimension: Dimension }
  | { name: string; kind: "dimension"; dimension: Dimension };

export interface Condition {
  dimension: Dimension;
  values: (string | number | boolean)[];
}

/** What a question may name. */
export interface Catalog {
  dimensions: readonly Dimension[];
  events: readonly string[];
}

/** Answered as 400 with its message. */
export class QuestionError extends Error {
  override readonly name = "QuestionError";
}

const steps: readonly string[] = ["day", "week", "month"];
const places: readonly Place[] = ["installation", "ci", "container", "none"];
const buildEvents = ["build:completed", "build:failed"];
const measures: readonly Measure[] = [
  ...(["events", "builds", "failures", "successRate", "installations", "projects"] as const),
  ...(["installationsHit", "p50", "p75", "p95", "p99"] as const),
];

const MAX_DAYS = 3660;
/** More would cut a population into pieces that say little about many. */
const MAX_CONDITIONS = 5;

const known = ["product", "from", "to", "by", "measure", "places", "event", "limit", "tag"];

/**
 * @param isMore names that a route takes besides.
 * @throws QuestionError with the parameter's name and the fix.
 */
export function parseQuestion(
  parameters: URLSearchParams,
  catalogs: ReadonlyMap<string, Catalog>,
  now: Date,
  isMore: readonly string[] = [],
): Question {
  const product = productOf(parameters, catalogs);
  const catalog = catalogs.get(product) as Catalog;
  for (const name of parameters.keys()) {
    if (!known.includes(name) && !isMore.includes(name) && !name.startsWith("where.")) {
      throw new QuestionError(
        `${name} is no parameter: there are ${[...known, ...isMore].join(", ")} and where.<dimension>.`,
      );
    }
  }
  const by = byOf(parameters, catalog);
  // Days are no fewer for being small.
  const limit = by.some(({ kind }) => kind === "step") ? 1000 : 50;
  return {
    product,
    ...periodOf(parameters, now),
    by,
    measures: measuresOf(parameters),
    where: whereOf(parameters, catalog),
    places: some("places", parameters, places, ["installation", "none"]) as Place[],
    events: some("event", parameters, catalog.events, defaultEvents(catalog)),
    limit: wholeNumber("limit", parameters.get("limit"), limit, 1000),
  };
}

function productOf(parameters: URLSearchParams, catalogs: ReadonlyMap<string, Catalog>): string {
  const names = [...catalogs.keys()];
  const given = parameters.get("product") ?? (names.length === 1 ? names[0] : undefined);
  if (given === undefined) {
    throw new QuestionError(`product is missing: pass one of ${names.join(", ")}.`);
  }
  if (!catalogs.has(given)) {
    throw new QuestionError(`product=${given} is not known here: pass one of ${names.join(", ")}.`);
  }
  return given;
}

function periodOf(parameters: URLSearchParams, now: Date): { from: string; to: string } {
  const to = parameters.get("to") ?? dayOf(now);
  const from = parameters.get("from") ?? (isDay(to) ? addDays(to, -29) : "");
  for (const [name, day] of [
    ["to", to],
    ["from", from],
  ] as const) {
    if (!isDay(day)) {
      throw new QuestionError(`${name}=${day} is no day: write it as ${dayOf(now)}.`);
    }
  }
  if (from > to) {
    throw new QuestionError(`from=${from} is after to=${to}: exchange them.`);
  }
  if (daysBetween(from, to) > MAX_DAYS) {
    throw new QuestionError(`from=${from} is too early: ask for ${MAX_DAYS} days at most.`);
  }
  return { from, to };
}

function byOf(parameters: URLSearchParams, { dimensions }: Catalog): By[] {
  const names = listIn(parameters.getAll("by"));
  if (names.length > 2) {
    throw new QuestionError(`by=${names.join(",")} has ${names.length} names: pass two at most.`);
  }
  if (new Set(names).size < names.length) {
    throw new QuestionError(`by=${names.join(",")} has a name twice: pass it once.`);
  }
  if (names.filter((name) => steps.includes(name)).length > 1) {
    throw new QuestionError(`by=${names.join(",")} has two steps of time: pass one.`);
  }
  const found = names.map((name): By => {
    if (steps.includes(name)) {
      return { name: name as Step, kind: "step" };
    }
    if (name === "place") {
      return { name: "place", kind: "place" };
    }
    const dimension = dimensions.find((each) => each.name === name);
    if (!dimension) {
      throw new QuestionError(`by=${name} is no dimension: ${listed(dimensions)}`);
    }
    return { name, kind: "dimension", dimension };
  });
  if (found.length > 1 && found.some((by) => isMany(by))) {
    throw new QuestionError(`by=${names.join(",")} has a list or map: pass that alone.`);
  }
  return found;
}

/** An event can be in several of its groups. */
export function isMany(by: By): boolean {
  return by.kind === "dimension" && isManyValued(by.dimension);
}

function listed(dimensions: readonly Dimension[]): string {
  return `pass day, week, month, place, or one of ${dimensions.map(({ name }) => name).join(", ")}.`;
}

function measuresOf(parameters: URLSearchParams): Measure[] {
  return some("measure", parameters, measures, ["builds"]) as Measure[];
}

function defaultEvents({ events }: Catalog): string[] {
  const builds = buildEvents.filter((name) => events.includes(name));
  return builds.length > 0 ? builds : [...events];
}

/** In the order given, each once. */
function some(
  name: string,
  parameters: URLSearchParams,
  choices: readonly string[],
  otherwise: readonly string[],
): string[] {
  const given = listIn(parameters.getAll(name));
  for (const one of given) {
    if (!choices.includes(one)) {
      throw new QuestionError(
        `${name}=${one} is not known: pass some of ${choices.join(", ")}, separated by commas.`,
      );
    }
  }
  return given.length > 0 ? [...new Set(given)] : [...otherwise];
}

function whereOf(parameters: URLSearchParams, { dimensions }: Catalog): Condition[] {
  const names = [...new Set([...parameters.keys()].filter((name) => name.startsWith("where.")))];
  if (names.length > MAX_CONDITIONS) {
    throw new QuestionError(
      `${names.join(", ")} are ${names.length} filters: pass ${MAX_CONDITIONS} at most.`,
    );
  }
  return names.sort().map((name) => {
    const dimension = dimensions.find((each) => `where.${each.name}` === name);
    if (!dimension) {
      throw new QuestionError(
        `${name} names no dimension: filter by one of ${dimensions.map((each) => each.name).join(", ")}.`,
      );
    }
    const texts = [...new Set(listIn(parameters.getAll(name)))].sort();
    if (texts.length === 0 || texts.length > 100) {
      throw new QuestionError(
        `${name} has ${texts.length} values: pass 1 to 100, separated by commas, or leave it out.`,
      );
    }
    const values = texts.map((text) => typedValue(name, text, dimension));
    return { dimension, values: [...new Set(values)] };
  });
}

function typedValue(name: string, text: string, { as }: Dimension): string | number | boolean {
  if (as === "boolean") {
    if (text !== "true" && text !== "false") {
      throw new QuestionError(`${name}=${text} can't be: pass true or false.`);
    }
    return text === "true";
  }
  if (as === "number") {
    const value = Number(text);
    // Engines take no larger one for a whole number.
    if (text.trim() === "" || !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
      throw new QuestionError(
        `${name}=${text} is no number that can be: pass one, such as ${name}=8.`,
      );
    }
    return value;
  }
  return text;
}

/** @throws QuestionError */
export function wholeNumber(
  name: string,
  text: string | null,
  otherwise: number,
  most: number,
): number {
  if (text === null) {
    return otherwise;
  }
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new QuestionError(`${name}=${text} can't be: pass a whole number from 1 to ${most}.`);
  }
  return value;
}

function listIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split(",")).filter((text) => text !== "");
}
