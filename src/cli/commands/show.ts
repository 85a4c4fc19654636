import { readNotices } from "../../consent/index.ts";
import { readDays, readSent } from "../../spool/index.ts";
import { destination } from "../../support/sinks.ts";
import { type Command, Misuse } from "../command.ts";
import { ago, moment, plural } from "../terminal.ts";
import { keptLocally, waitingBatches, whenSent } from "../waiting.ts";

export const show: Command = {
  summary: "what waits, what local mode kept, and the last payloads, exactly as sent",
  usage: "[--json] [--all] [--web]",
  details: [
    "Of what was sent, the last 50 payloads are kept; three are shown, unless you ask for all.",
    "In --json each payload is the text of the request's body, byte for byte.",
  ],
  options: { json: { type: "boolean" }, all: { type: "boolean" }, web: { type: "boolean" } },
  optionWords: [
    ["--json", "for programs: { waiting, counts, local, sent, notice }"],
    ["--all", "all that was sent and is kept"],
    ["--web", "as a page for your browser, field by field, with switches; until Ctrl-C"],
  ],
  async run(context) {
    const { access, terminal, values, call } = context;
    if (values.web) {
      if (values.json || values.all) throw new Misuse("--web stands alone: it shows all there is.");
      const { showWeb } = await import("../web/web.ts");
      return showWeb(context);
    }
    const { places } = access;
    const waiting = waitingBatches(places.spool);
    const counts = readDays(places.rollups);
    const local = keptLocally(places.local);
    const sent = readSent(places.sent);
    const notice = readNotices(places.notices)?.text;
    if (values.json) {
      const found = { waiting, counts, local, sent, ...(notice !== undefined && { notice }) };
      terminal.print(JSON.stringify(found, null, 2));
      return 0;
    }
    const { bold, dim } = terminal.style;
    const heading = (words: string, note = "") => terminal.print(bold(words) + dim(note));
    const when = whenSent(access, access.status().state);

    heading(
      `Waiting: ${waiting.length === 0 ? "nothing" : plural(waiting.length, "batch", "batches")}`,
    );
    for (const batch of waiting) {
      for (const { body } of batch.requests) {
        terminal.print(dim(`\n# ${when(batch)}`));
        terminal.print(readable(body));
      }
    }
    for (const { day, counts: counted } of counts) {
      const words = counted.map(({ name, count, errors }) =>
        errors > 0 ? `${name} ${count} (${errors} failed)` : `${name} ${count}`,
      );
      terminal.print(`\nCounted on ${day}: ${words.join(", ")}`);
    }
    if (local.length > 0) {
      terminal.print();
      heading(`Kept by local mode: ${plural(local.length, "payload")}`, ", never sent");
      for (const { body } of local) terminal.print(`\n${readable(body)}`);
    }
    const shown = values.all ? sent : sent.slice(-3);
    terminal.print();
    heading(
      `Sent: ${sent.length === 0 ? "nothing that is kept" : plural(sent.length, "payload")}`,
      shown.length < sent.length ? `, the last ${shown.length} of them; ${call("show --all")}` : "",
    );
    for (const { at, to, answer, body } of shown) {
      const sentAt = `${moment(at)} (${ago(Date.parse(at))})`;
      terminal.print(dim(`\n# ${sentAt} to ${destination(to)}, answered ${answer}`));
      terminal.print(readable(body));
    }
    return 0;
  },
};

/** The same JSON, indented; what is none is shown as it is. */
function readable(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
