import type { State } from "../../consent/index.ts";
import { type DescribedField, groupFields } from "../../events/described.ts";
import { readDays, readSent, type SentLine } from "../../spool/index.ts";
import { destination } from "../../support/sinks.ts";
import type { Access } from "../access.ts";
import { knownSinks } from "../sinks.ts";
import { ago, listed, moment, plural, shortPath } from "../terminal.ts";
import { keptLocally, waitingBatches, whenSent } from "../waiting.ts";
import { partsOf, type Row } from "./fields.ts";
import { type Html, html } from "./html.ts";
import { switchesFor } from "./switches.ts";

/** More than anybody reads; the rest is there for `show --json`. */
const shownBatches = 100;

/** What there is now. @param said what the last switch has said. */
export function page(access: Access, said: string, call: (words: string) => string): Html {
  const { name, options, places } = access;
  const { state, because } = access.status();
  const waiting = waitingBatches(places.spool);
  const sent = readSent(places.sent).reverse();
  const counts = readDays(places.rollups);
  const local = keptLocally(places.local);
  const when = whenSent(access, state);
  const batches = waiting.flatMap((batch) =>
    batch.requests.map(({ id, body }) => payload(id, body, when(batch), access)),
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name} telemetry is ${state}</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="style.css">
<script src="live.js" defer></script>
</head>
<body>
<p id="ended" role="alert" hidden>The command in the terminal has ended: this page shows nothing new, and its switches do nothing. ${call("show --web")} opens another.</p>
<main>
<header>
<h1>${name} telemetry <span class="state ${state}">${state}</span></h1>
<p>${because[0]?.toUpperCase()}${because.slice(1)}. <span class="muted">Choices are kept in ${shortPath(places.preferences)}</span></p>
</header>
${said !== "" && html`<p class="card said" role="status">${said}</p>`}
${tiles(access, waiting.length, sent[0]?.at)}
<section class="card">
<h2>Your choice</h2>
${switchesFor(state).map(
  ({ about, isDangerous, label, word }) => html`<form method="post" action="${word}">
<p id="about-${word}">${about}</p>
<button id="${word}" class="button${isDangerous && " danger"}" aria-describedby="about-${word}">${label}</button>
</form>`,
)}
</section>
${section("Waits", batches.slice(0, shownBatches), nothingWaits[state], batches.length > shownBatches && `${batches.length - shownBatches} more: ${call("show --json")}`)}
${
  counts.length > 0 &&
  section(
    "Counted",
    counts.map(
      ({ day, counts: counted }) =>
        html`<p>On ${day}: ${listed(counted.map(({ count, errors, name: what }) => `${what} ${count}${errors > 0 ? ` (${errors} failed)` : ""}`))}</p>`,
    ),
  )
}
${
  local.length > 0 &&
  section(
    "Kept here, never sent",
    local.map(({ body, id }) => payload(id, body, "", access)),
  )
}
${section(
  "Sent",
  sent.map((line, i) => payload(`sent-${sent.length - i}`, line.body, sentWords(line), access)),
  "Nothing that is kept.",
)}
${options && everything(groupFields(options.definitions))}
${!options && html`<p class="muted">What the fields mean, ${name} itself knows: ${name} telemetry show --web.</p>`}
<footer class="muted">Nobody else sees this page: it comes from the command in your terminal, and ends with it.</footer>
</main>
</body>
</html>
`;
}

const nothingWaits: Record<State, string> = {
  on: "Nothing. The next build’s event shows up here before it is sent.",
  local: "Nothing. What builds record is kept here and never sent.",
  off: "Nothing, and builds record nothing.",
};

function tiles(access: Access, waiting: number, lastSentAt: string | undefined): Html {
  const to = [...new Set(knownSinks(access).map(destination))];
  const rows: [string, string][] = [
    ["Waiting", waiting === 0 ? "Nothing" : plural(waiting, "batch", "batches")],
    ["Last sent", lastSentAt === undefined ? "Nothing yet" : ago(Date.parse(lastSentAt))],
    ["Sent to", to.length > 0 ? listed(to) : "Not known here"],
  ];
  return html`<dl>${rows.map(([name, value]) => html`<div class="card"><dt class="muted">${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function section(
  title: string,
  items: readonly Html[],
  none = "",
  more: string | false = false,
): Html {
  return html`<section>
<h2>${title}</h2>
${items.length > 0 ? items : html`<p class="muted">${none}</p>`}
${more !== false && html`<p class="muted">${more}</p>`}
</section>
`;
}

function payload(id: string, body: string, words: string, { options }: Access): Html {
  const parts = partsOf(body, options);
  const [first] = parts;
  return html`<details class="card" id="${id}">
<summary><b>${first?.title ?? "A payload"}</b> ${summaryOf(first?.rows ?? [])} <span class="muted">${words}</span></summary>
${parts.map(({ rows, title }) => html`<h3>${title}</h3>${table(title, rows)}`)}
<h3>To the letter</h3>
<pre tabindex="0">${readable(body)}</pre>
</details>
`;
}

/** What tells one build from another, for somebody who skims. */
function summaryOf(rows: readonly Row[]): string {
  const words = ["bundler", "duration", "errorType"].flatMap((name) => {
    const value = rows.find((row) => row.name === name)?.value;
    return value === undefined ? [] : value.replaceAll('"', "").replace("milliseconds", "ms");
  });
  return words.join(" · ");
}

function sentWords({ answer, at, to }: SentLine): string {
  return `${moment(at)} to ${destination(to)}, answered ${answer}`;
}

/** The same markup as the dashboard's, and so the same look. */
function table(caption: string, rows: readonly Row[]): Html {
  return html`<table class="field-table"><caption class="visually-hidden">${caption}</caption>
<thead><tr><th scope="col">Field</th><th scope="col">Holds</th><th scope="col">Meaning</th></tr></thead>
<tbody>${rows.map(({ description, name, value }) => html`<tr><th scope="row">${name}</th><td>${value}</td><td class="muted">${description}</td></tr>`)}</tbody></table>`;
}

function everything(groups: readonly { events: string[]; fields: DescribedField[] }[]): Html {
  const rowOf = ({ description, name, type, values }: DescribedField): Row => ({
    ...{ name, description },
    value: values
      ? `${type} ${values.slice(0, 8).join(", ")}${values.length > 8 ? ", …" : ""}`
      : type,
  });
  const tables = groups.map(({ events, fields }) => {
    const title = listed(events);
    return html`<h3>${title}</h3>${table(title, fields.map(rowOf))}`;
  });
  return html`<section>
<h2>All that can be sent</h2>
<details class="card" id="all"><summary>Every field of every event. There are no others.</summary>${tables}</details>
</section>
`;
}

function readable(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
