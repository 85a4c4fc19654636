/**
 * The query API: what `GET /api/v1/…` takes and answers. The dashboard, served at `/dashboard/`, uses
 * nothing else, and so can anybody with a token (`authorization: Bearer <token>`, else 401). Groups
 * that fewer than `k` installations stand behind are folded before an answer leaves.
 */

/** `GET /api/v1/products` */
export interface ProductsAnswer {
  k: number;
  /** Raw events are deleted after so many days; daily aggregates stay. */
  retentionDays: number;
  products: ProductSummary[];
}

export interface ProductSummary {
  name: string;
  /** Days of the first and the last event; null while there is none. */
  firstDay: string | null;
  lastDay: string | null;
  /** By what events can be grouped and filtered, in the order of the definitions. */
  dimensions: DimensionSummary[];
  events: { name: string; description: string }[];
}

export interface DimensionSummary {
  /** `bundler`, `platform`; of the product's own fields the same: `toolsCount`. */
  name: string;
  description: string;
  /** Decides how it is drawn. */
  kind: "boolean" | "number" | "category" | "version" | "list" | "map";
  /** Of numbers: `ms`, `bytes`, `MB`. */
  unit?: "ms" | "bytes" | "MB" | "MHz";
  /** All there are, where it is a list. */
  values?: readonly (string | number)[];
  /** Where it is from. */
  from: "meta" | "build" | "fields";
}

/**
 * `GET /api/v1/query`: a table. All parameters stand in the address:
 *
 * - `product`, `from`, `to` (days, both included, UTC; 30 days up to today where left out)
 * - `by`: up to two of `day`, `week`, `month`, `place` and the product's dimensions
 * - `measure`: some of `Measure`, separated by commas
 * - `where.<dimension>=a,b`: only events with one of these values
 * - `places`: some of `installation,ci,container,none`; all but `ci` and `container` where left out
 * - `event`: names of events; the build events where left out
 * - `limit`: groups at most, the largest first; where left out 50, with a step of time
 *   1,000, which is the most
 * - `tag`: a view's name; a question ends an older one of the same tag
 *
 * A list's or map's groups overlap: an event is in several of them. A map's values are dimensions of
 * their own, `filesByKind.ts`.
 */
export interface QueryAnswer extends Table {
  product: string;
  /** What the numbers are of: days at the ends that too few stand behind are left out. */
  from: string;
  to: string;
  /** ISO 8601: what came in until then is in the answer. */
  asOf: string;
  k: number;
}

export interface Table {
  columns: Column[];
  /** One a group; without `by` there is one. */
  rows: (string | number | boolean | null)[][];
  /** Groups that `k` or `limit` has folded into the one named `other`, or withheld. */
  folded: { groups: number; isWithheld: boolean };
  /** Why nothing, or not all, is shown: `Fewer than 10 installations …`. */
  message?: string;
}

export interface Column {
  name: string;
  kind: "dimension" | "measure";
  unit?: "ms" | "bytes" | "MB" | "MHz" | "share";
  /** Shown with ≈: by sampling rates, or different ones by day of more than a million events. */
  isApproximate?: true;
  /** Why it has no values: the raw events of these days are gone. */
  missing?: string;
}

export type Measure =
  /** Events, each by its sampling rate. */
  | "events"
  | "builds"
  | "failures"
  /** From 0 to 1. */
  | "successRate"
  | "installations"
  | "projects"
  /** Share of installations that had at least one failure. */
  | "installationsHit"
  /** Of `duration`, in milliseconds, of completed builds. */
  | "p50"
  | "p75"
  | "p95"
  | "p99";

/**
 * `GET /api/v1/export`: the same parameters, and `format`, `csv` or `parquet`. Answers the table as a
 * file, `content-disposition: attachment`. With `field`, and `bins`, it is that distribution: a row for
 * each group's bin, `from`, `upTo` and `events`; with `since`, what is new.
 */

/**
 * `GET /api/v1/distribution`: the same parameters, `by` one dimension at most, `field` (a number; of
 * `duration` the completed builds), `bins` (at most so many; 40).
 */
export interface DistributionAnswer {
  product: string;
  from: string;
  to: string;
  asOf: string;
  k: number;
  field: string;
  unit?: Column["unit"];
  /**
   * Logarithmic bins, four to a doubling at most; `upTo` is excluded. Neighbours are put together until
   * k stand behind each. One set a group where `by` names a dimension; none where too few are left.
   */
  series: { group: string | null; bins: { from: number; upTo: number; count: number }[] }[];
}

/**
 * `GET /api/v1/new`: `since`, a version, and the parameters of a query but `by`. Errors, as phase and
 * type, of this version and those that were first seen after it, which no version before had.
 */
export interface NewSinceAnswer extends QueryAnswer {
  since: string;
  /** Whose failures are counted: k installations stand behind those of each. */
  versions: string[];
  /** How many versions were seen before. */
  earlier: number;
}

/** Any of these with a status of 400 and more. */
export interface ErrorAnswer {
  /** What is wrong, with the parameter's name, and what to do. */
  error: string;
}
