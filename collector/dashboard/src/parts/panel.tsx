import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { DistributionAnswer, QueryAnswer } from "../../../src/query/api.ts";
import { AnswerError, download, generation } from "../data/client.ts";
import { leftOut } from "../data/counted.ts";
import { exportOf } from "../data/questions.ts";
import type { Loaded } from "../data/use-answer.ts";
import { go, type Period, periodOf, view } from "../data/view.ts";
import { formatDays, formatPeriod } from "../format.ts";
import { usePage } from "./context.ts";
import { DataTable } from "./data-table.tsx";
import { Menu } from "./menu.tsx";

export interface PanelProps {
  title: string;
  /** One sentence, where the title doesn't say all. */
  note?: ComponentChildren;
  /** How much of the page's twelve columns. */
  span?: 4 | 6 | 8 | 12;
  /** How high what is shown will be, so that nothing jumps when it comes. */
  size?: "low" | "middle" | "tall" | "chart" | "chart-and-figures";
  /** What was asked for: it can be exported, and a table looked at as one. */
  query?: string;
  loaded: Loaded<QueryAnswer | DistributionAnswer | { series: never[] }>;
  isEmpty: boolean;
  /** Said where there is nothing: what that means. */
  empty?: string;
  /** What is shown is a table already. */
  isTable?: boolean;
  /** The table behind a plot that no query answers. */
  table?: ComponentChildren;
  controls?: ComponentChildren;
  children: ComponentChildren;
}

/** A card of the page with its title, its states, and its table. */
export function Panel(props: PanelProps) {
  const { title, note, span = 6, size = "middle", query, loaded } = props;
  const id = useId();
  const [isTable, setIsTable] = useState(false);
  const [failure, setFailure] = useState<string | undefined>();
  const save = (format: "csv" | "parquet") => {
    setFailure(undefined);
    saveAs(query ?? "", format, title).catch((error: Error) => setFailure(error.message));
  };
  const table = "rows" in (loaded.answer ?? {}) ? (loaded.answer as QueryAnswer) : undefined;
  const isOld = loaded.isLoading && loaded.answer !== undefined;
  return (
    <section
      class={`card panel span-${span} ${size}`}
      aria-labelledby={id}
      aria-busy={loaded.isLoading}
    >
      <header class="panel-head">
        <div>
          <h2 id={id}>{title}</h2>
          {note && <p class="panel-note">{note}</p>}
        </div>
        <div class="panel-controls">
          {props.controls}
          {(props.table ?? (query && table)) && (
            <Menu label={`${title}: table and export`}>
              {!props.isTable && (
                <button type="button" onClick={() => setIsTable(!isTable)}>
                  {isTable ? "Show as plot" : "Show as table"}
                </button>
              )}
              {query &&
                (["csv", "parquet"] as const).map((format) => (
                  <button key={format} type="button" onClick={() => save(format)}>
                    Export as {format === "csv" ? "CSV" : "Parquet"}
                  </button>
                ))}
            </Menu>
          )}
        </div>
      </header>
      <div class={`panel-body ${isOld ? "is-old" : ""}`}>
        <PanelBody {...props} isAsTable={isTable} />
      </div>
      {table && <Folded answer={table} />}
      {loaded.answer && "from" in loaded.answer && !loaded.isLoading && (
        <Counted answer={loaded.answer} />
      )}
      {failure && (
        <p class="panel-foot problem" role="alert">
          It could not be exported: {failure}
        </p>
      )}
    </section>
  );
}

function PanelBody({
  title,
  loaded,
  isEmpty,
  empty,
  children,
  table,
  isAsTable,
}: PanelProps & { isAsTable: boolean }) {
  if (loaded.error && loaded.answer === undefined) return <Failed error={loaded.error} />;
  if (loaded.answer === undefined) {
    return (
      <div class="skeleton">
        <span class="visually-hidden">Loading.</span>
      </div>
    );
  }
  if (isEmpty) {
    const withheld = "folded" in loaded.answer ? loaded.answer.message : undefined;
    return <NothingHere text={withheld ?? empty} />;
  }
  if (!isAsTable) return children;
  return table ?? <DataTable caption={title} answer={loaded.answer as QueryAnswer} />;
}

/** What was asked for wrongly, or of days that have no more than sums, is no better asked again. */
function Failed({ error }: { error: Error }) {
  const { view, retentionDays } = usePage();
  const isRefused = error instanceof AnswerError && error.status === 400;
  if (isRefused && periodOf(view.range).from < periodOf({ days: retentionDays }).from) {
    return (
      <div class="state">
        <p>Only the last {formatDays(retentionDays)} have this.</p>
        <button type="button" class="button" onClick={() => go({ range: { days: retentionDays } })}>
          Show those
        </button>
      </div>
    );
  }
  return (
    <div class="state" role="alert">
      <p>{error.message}</p>
      {!isRefused && (
        <button type="button" class="button" onClick={() => generation.set(generation.get() + 1)}>
          Ask again
        </button>
      )}
    </div>
  );
}

function NothingHere({ text }: { text: string | undefined }) {
  const isFiltered = Object.keys(view.get().where).length > 0;
  return (
    <div class="state">
      <p>{text ?? "No builds in this view."}</p>
      {isFiltered && (
        <button type="button" class="button" onClick={() => go({ where: {} })}>
          Clear the filters
        </button>
      )}
    </div>
  );
}

function Folded({ answer: { folded } }: { answer: QueryAnswer }) {
  const { k } = usePage();
  if (folded.groups === 0) return null;
  const groups = folded.groups === 1 ? "1 small group" : `${folded.groups} small groups`;
  return (
    <p class="panel-foot">
      {groups} {folded.isWithheld ? "left out" : "folded into Other"}: fewer than {k} installations
      stand behind {folded.groups === 1 ? "it" : "some"}
    </p>
  );
}

/** Which days the numbers are of, where that is not all that was asked for. */
function Counted({ answer }: { answer: Period }) {
  const { view, k } = usePage();
  const ends = leftOut(answer, periodOf(view.range));
  if (ends.length === 0) return null;
  return (
    <p class="panel-foot">
      Of {formatPeriod(answer)} only: on each day {ends.join(" or ")}, fewer than {k} installations
      stand behind this view
    </p>
  );
}

async function saveAs(query: string, format: "csv" | "parquet", title: string): Promise<void> {
  const { from, to } = Object.fromEntries(new URLSearchParams(query.replace(/^\w+\?/, "")));
  const name = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  await download(exportOf(query, format), `${name}_${from}_${to}.${format}`);
}
