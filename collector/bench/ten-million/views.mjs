/** What the dashboard asks for its views, each query a function of a reader. */

const measures = {
  counts:
    "sum(1 / sampleRate) AS events, count(*) FILTER (WHERE success = true) AS completed, count(*) FILTER (WHERE success = false) AS failures",
  installations: "count(DISTINCT anonymousId) AS installations",
  projects: "count(DISTINCT projectHash) AS projects",
  percentiles: "quantile_disc(CASE WHEN success THEN duration END, [0.5, 0.75, 0.95, 0.99]) AS q",
};

/** @param of days back, from and to, both included. */
function ask(by, measure, [from, to], where = "") {
  const group = by ? `${by}, ` : "";
  const sql = `SELECT ${group}${measures[measure]} FROM events
    WHERE product = :product AND day BETWEEN current_date - ${from} AND current_date - ${to}
      AND place IN ('installation', 'none') AND eventName IN ('build:completed', 'build:failed')${where}
    ${by ? `GROUP BY ${by}` : ""}`;
  return (reader) => reader.rows(sql, { product: "acme" });
}

const both = (by, measure, where) => async (reader) => {
  await Promise.all([
    ask(by, measure, [29, 0], where)(reader),
    ask(by, measure, [59, 30], where)(reader),
  ]);
};

const field = `fields ->> '$."toolsCount"'`;

/** A query of 30 days is the one of the 30 days before, too, and both at once. */
export const views = {
  "30 days and the 30 before": {
    "counts by day": both("day", "counts"),
    installations: both("", "installations"),
    projects: both("", "projects"),
    "installations by day": both("day", "installations"),
    percentiles: both("", "percentiles"),
    "percentiles by day": both("day", "percentiles"),
    "percentiles by version": both("productVersion", "percentiles"),
    "percentiles by bundler and platform": both("bundler, platform", "percentiles"),
    "failures by phase and type": both("errorPhase, errorType", "counts", " AND success = false"),
    "installations hit by phase and type": both(
      "errorPhase, errorType",
      "installations",
      " AND success = false",
    ),
    "installations by platform": both("platform", "installations"),
    "installations by Node and platform": both("nodeVersion, platform", "installations"),
    "versions by day": both("productVersion, day", "counts"),
    "a field of the product": both(field, "installations"),
    "of one bundler and mode": both(
      "day",
      "counts",
      " AND bundler = 'vite' AND mode = 'production'",
    ),
  },
  "90 days": {
    "counts by day": ask("day", "counts", [89, 0]),
    installations: ask("", "installations", [89, 0]),
    "installations by day": ask("day", "installations", [89, 0]),
    "percentiles by day": ask("day", "percentiles", [89, 0]),
    "installations by platform": ask("platform", "installations", [89, 0]),
    "a field of the product": ask(field, "installations", [89, 0]),
  },
};
