import { createHash } from "node:crypto";
import { bar, lines } from "./charts.ts";
import type { Published, Row } from "./numbers.ts";
import { style } from "./style.ts";
import { count, day, duration, escaped, named, share } from "./words.ts";

/** The page: one file that loads nothing and runs nothing. */
export function pageOf(numbers: Published): string {
  const { product, from, to, k, total, weeks, places, groups, failures, madeOn } = numbers;
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const name = escaped(product);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}: what builds tell</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>What builds with ${name} tell</h1>
<p>${count(total?.installations)} installations told how their builds went, ${day(from)} to ${day(to)}. These are the numbers they gave, given back.</p>
</header>
<main>
${total ? figures(total) : `<p>Fewer than ${k} installations have told of this time.</p>`}
<div class="cards">
${weeks.length > 2 ? weekly(weeks) : ""}
</div>
<div class="tables">
${places.length > 1 ? placesTable(places) : ""}
${groups.map((group) => groupTable(group.name, group.description, group.rows)).join("\n")}
${failures.length > 1 ? failuresTable(failures) : ""}
</div>
</main>
<footer>
<p>Nobody can be found in these numbers: at least ${k} installations stand behind each, smaller groups are counted as “All others”, and ids are on no page. ${name} says what it sends before it sends it, and stops when it is told to.</p>
<p>Made on ${day(madeOn)}. <a href="telemetry.json">The same numbers as JSON</a></p>
</footer>
</body>
</html>
`;
}

function figures(total: Row): string {
  const all = [
    ["Builds", count(total.builds)],
    ["Installations", count(total.installations)],
    ...(total.projects ? [["Projects", count(total.projects)]] : []),
    ["Builds that succeed", share(total.successRate)],
    ["Median build", duration(total.p50)],
    ["95 % take less than", duration(total.p95)],
  ];
  return `<dl class="figures">${all.map(([label, value]) => `<div><dt>${label}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

function weekly(weeks: readonly Row[]): string {
  const key = (...names: string[]) =>
    `<ul class="key">${names.map((name) => `<li>${name}</li>`).join("")}</ul>`;
  return `<section class="wide"><h2>Active installations a week</h2><p class="note">Each counts once a week.</p>
${lines(weeks, ["installations"], count, "Active installations by week")}</section>
<section class="wide"><h2>How long builds take</h2><p class="note">Of builds that succeed.</p>
${lines(weeks, ["p95", "p50"], duration, "Duration of builds by week, 95th percentile and median")}${key("95th percentile", "Median")}</section>`;
}

function table(head: string, label: string, rows: readonly Row[], cells: Cells): string {
  const most = Math.max(1, ...rows.map(({ [cells.size]: size }) => Number(size ?? 0)));
  const body = rows.map((row) => {
    const value = row[cells.name];
    const size = Number(row[cells.size] ?? 0);
    return `<tr${value === "other" ? ' class="rest"' : ""}><th scope="row">${escaped(named(value, cells.name))}${bar(size / most)}</th>${cells.values.map(({ of }) => `<td>${of(row)}</td>`).join("")}</tr>`;
  });
  const labels = cells.values.map((value) => `<td>${value.label}</td>`).join("");
  return `<section><h2>${escaped(head)}</h2><p class="note">${escaped(label)}</p><table><thead><tr><th scope="col"></th>${labels}</tr></thead><tbody>${body.join("")}</tbody></table></section>`;
}

interface Cells {
  name: string;
  size: string;
  values: { label: string; of: (row: Row) => string }[];
}

function groupTable(name: string, description: string, rows: readonly Row[]): string {
  const sum = rows.reduce((total, { builds }) => total + Number(builds ?? 0), 0);
  return table(named(name), description, rows, {
    ...{ name, size: "builds" },
    values: [
      { label: "Installations", of: (row) => count(row.installations) },
      { label: "Share of builds", of: (row) => share(sum === 0 ? null : Number(row.builds) / sum) },
    ],
  });
}

function placesTable(rows: readonly Row[]): string {
  return table("Where builds run", "CI and containers have no id.", rows, {
    ...{ name: "place", size: "builds" },
    values: [
      { label: "Builds", of: (row) => count(row.builds) },
      { label: "Median", of: (row) => duration(row.p50) },
    ],
  });
}

function failuresTable(rows: readonly Row[]): string {
  return table("What fails", "The error's class or code; never its message.", rows, {
    ...{ name: "errorType", size: "failures" },
    values: [
      { label: "Installations", of: (row) => count(row.installations) },
      { label: "Failed builds", of: (row) => count(row.failures) },
    ],
  });
}
