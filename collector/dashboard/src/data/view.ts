import { addDays, daysBetween, isDay, type Step, today } from "./days.ts";
import { createStore } from "./store.ts";

/**
 * What is looked at: the page and its filters, all of it in the address, so that a view can be
 * shared and gone back to.
 */
export interface View {
  page: Page;
  /** Null until somebody chooses: the first one. */
  product: string | null;
  range: Range;
  places: PlacesChoice;
  /** By dimension: only these values. */
  where: Record<string, readonly string[]>;
  /** What only one page asks for: which figure is drawn, which versions are compared. */
  options: Record<string, string>;
}

export const pages = ["overview", "speed", "failures", "environments", "adoption"] as const;
export type Page = (typeof pages)[number];

export type Range = { days: number } | { from: string; to: string };
export const rangeChoices = [7, 30, 90, 365] as const;

export const placesChoices = {
  users: { label: "Without CI", places: "installation,none" },
  ci: { label: "CI only", places: "ci" },
  containers: { label: "Containers only", places: "container" },
  all: { label: "Everywhere", places: "installation,ci,container,none" },
} as const;
export type PlacesChoice = keyof typeof placesChoices;

const first: View = {
  page: "overview",
  product: null,
  range: { days: 30 },
  places: "users",
  where: {},
  options: {},
};

const optionNames = ["figure", "a", "b", "since", "unit"];

function parseView(search: string): View {
  const parameters = new URLSearchParams(search);
  const page = parameters.get("page");
  const places = parameters.get("places");
  const where: View["where"] = {};
  const options: View["options"] = {};
  for (const [name, value] of parameters) {
    if (name.startsWith("where.")) where[name.slice("where.".length)] = value.split(",");
    else if (optionNames.includes(name)) options[name] = value;
  }
  return {
    page: pages.find((known) => known === page) ?? first.page,
    product: parameters.get("product"),
    range: parseRange(parameters),
    places:
      places !== null && Object.hasOwn(placesChoices, places)
        ? (places as PlacesChoice)
        : first.places,
    where,
    options,
  };
}

function parseRange(parameters: URLSearchParams): Range {
  const from = parameters.get("from");
  const to = parameters.get("to");
  if (isDay(from) && isDay(to)) return rangeBetween(from, to) ?? first.range;
  const days = Number(parameters.get("days"));
  return Number.isInteger(days) && days > 0 && days <= mostDays ? { days } : first.range;
}

/** As many as the collector answers for. */
const mostDays = 3660;

/**
 * Two days, whichever comes first. Undefined where nobody can mean them: a year that is only half
 * typed makes a day, too, and its thousands of months would stop the page.
 */
export function rangeBetween(one: string, other: string): Period | undefined {
  const isNear = (day: string) => Math.abs(daysBetween(day, today())) <= mostDays;
  if (!isNear(one) || !isNear(other)) return undefined;
  return one <= other ? { from: one, to: other } : { from: other, to: one };
}

export function formatView(view: View): string {
  const parameters = new URLSearchParams();
  if (view.page !== first.page) parameters.set("page", view.page);
  if (view.product !== null) parameters.set("product", view.product);
  if ("from" in view.range) {
    parameters.set("from", view.range.from);
    parameters.set("to", view.range.to);
  } else if (view.range.days !== 30) {
    parameters.set("days", String(view.range.days));
  }
  if (view.places !== first.places) parameters.set("places", view.places);
  for (const [name, values] of Object.entries(view.where)) {
    parameters.set(`where.${name}`, values.join(","));
  }
  for (const [name, value] of Object.entries(view.options)) parameters.set(name, value);
  const search = parameters.toString().replaceAll("%2C", ",");
  return search === "" ? "." : `?${search}`;
}

export const view = createStore(parseView(location.search));
addEventListener("popstate", () => view.set(parseView(location.search)));

/** A step that the browser's back button undoes. */
export function go(change: Partial<View>): void {
  const next = { ...view.get(), ...change };
  const address = formatView(next);
  if (address === formatView(view.get())) return;
  history.pushState(null, "", address);
  view.set(next);
}

export function setWhere(name: string, values: readonly string[]): void {
  const { [name]: _before, ...others } = view.get().where;
  go({ where: values.length === 0 ? others : { ...others, [name]: values } });
}

export function setOption(name: string, value: string | null): void {
  const { [name]: _before, ...others } = view.get().options;
  go({ options: value === null ? others : { ...others, [name]: value } });
}

export interface Period {
  from: string;
  to: string;
}

export function periodOf(range: Range): Period {
  if ("from" in range) return range;
  const to = today();
  return { from: addDays(to, 1 - range.days), to };
}

/** As long, and just before. */
export function periodBefore({ from, to }: Period): Period {
  return { from: addDays(from, -daysBetween(from, to)), to: addDays(from, -1) };
}

/** By what long ranges are drawn, so that a line has some 15 to 100 points. */
export function stepOf({ from, to }: Period): Step {
  const days = daysBetween(from, to);
  if (days <= 100) return "day";
  return days <= 800 ? "week" : "month";
}
