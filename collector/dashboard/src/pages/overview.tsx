import type { Measure, QueryAnswer } from "../../../src/query/api.ts";
import { LineChart, type Series } from "../charts/line-chart.tsx";
import { Sparkline } from "../charts/sparkline.tsx";
import { daysIn, perDay } from "../data/counted.ts";
import { daysBetween, reaches, type Step, steps, today } from "../data/days.ts";
import { queryOf } from "../data/questions.ts";
import { numberIn, rowsOf } from "../data/table.ts";
import { useAnswer } from "../data/use-answer.ts";
import { type Period, periodBefore, periodOf, setOption, stepOf } from "../data/view.ts";
import {
  formatCount,
  formatDay,
  formatDays,
  formatDuration,
  formatLongDay,
  formatPeriod,
  formatShare,
  formatShort,
  formatShortShare,
  nothing,
} from "../format.ts";
import { usePage } from "../parts/context.ts";
import { Delta } from "../parts/delta.tsx";
import { GroupPanel } from "../parts/group-panel.tsx";
import { Figure, GroupTable, shareOfSum } from "../parts/group-table.tsx";
import { Panel } from "../parts/panel.tsx";

interface FigureKind {
  measure: Measure;
  label: string;
  better?: "more" | "less";
  ticks: "count" | "share" | "duration";
}

const figures: readonly FigureKind[] = [
  { measure: "builds", label: "Builds a day", ticks: "count" },
  { measure: "successRate", label: "Success rate", better: "more", ticks: "share" },
  { measure: "installations", label: "Active installations", better: "more", ticks: "count" },
  { measure: "projects", label: "Active projects", better: "more", ticks: "count" },
  { measure: "p50", label: "Median build", better: "less", ticks: "duration" },
  { measure: "p95", label: "95th percentile", better: "less", ticks: "duration" },
];
const measures = figures.map(({ measure }) => measure);
const distinct: readonly Measure[] = ["installations", "projects"];

export function Overview() {
  const { view, product } = usePage();
  const period = periodOf(view.range);
  const before = periodBefore(period);
  const step = stepOf(period);
  const question = (part: Period, by: readonly string[] = []) =>
    queryOf(view, product.name, { period: part, measures, by, limit: 1_000 });
  const total = useAnswer<QueryAnswer>(question(period));
  const series = useAnswer<QueryAnswer>(question(period, [step]));
  const totalBefore = useAnswer<QueryAnswer>(question(before));
  const seriesBefore = useAnswer<QueryAnswer>(question(before, [step]));

  const chosen = figures.find(({ measure }) => measure === view.options.figure) ?? figures[0];
  const places = steps(period.from, period.to, step);
  const placesBefore = steps(before.from, before.to, step).slice(-places.length);
  const kind = chosen as FigureKind;
  const now = valuesAt(series.answer, places, step, kind.measure);
  const then = valuesAt(seriesBefore.answer, placesBefore, step, kind.measure);
  const lines: Series[] = [
    { name: "This period", tone: "series-1", values: now, look: "area" },
    ...(then.some((value) => value !== null)
      ? [{ name: "Period before", tone: "series-other", values: then, look: "dashed" as const }]
      : []),
  ];
  const isEmpty = (numberIn(rowsOf(total.answer)[0], "builds") ?? 0) === 0;

  return (
    <div class="grid">
      <section
        class="card figures span-12"
        aria-label="Figures of the period"
        aria-busy={total.isLoading || totalBefore.isLoading || seriesBefore.isLoading}
      >
        {figures.map((figure) => (
          <FigureTile
            key={figure.measure}
            figure={figure}
            isChosen={figure.measure === kind.measure}
            answer={total.answer}
            before={totalBefore.answer}
            values={valuesAt(series.answer, places, step, figure.measure)}
          />
        ))}
      </section>
      <Panel
        title={kind.measure === "builds" ? `Builds a ${step}` : `${kind.label} by ${step}`}
        note={`${formatPeriod(period)}, beside the ${formatDays(daysBetween(period.from, period.to))} before`}
        span={12}
        size="chart"
        query={question(period, [step])}
        loaded={series}
        isEmpty={isEmpty}
        empty="No builds in this view. A longer time range may have some."
      >
        <LineChart
          label={`${kind.label} by ${step}`}
          places={places}
          series={lines}
          formatPlace={formatDay}
          formatLongPlace={formatLongDay}
          format={formats[kind.ticks]}
          formatTick={tickFormats[kind.ticks]}
          ticks={kind.ticks}
          isLastOpen={period.to === today()}
        />
      </Panel>
      <Places />
      <Groups dimension="productVersion" title="Versions" />
      <Groups dimension="bundler" title="Bundlers" />
    </div>
  );
}

const formats = { count: formatCount, share: formatShare, duration: formatDuration };
const tickFormats = {
  count: formatShort,
  share: formatShortShare,
  duration: (ms: number) => (ms === 0 ? "0" : formatDuration(ms).replace(".0", "")),
};

function valuesAt(
  answer: QueryAnswer | undefined,
  places: readonly string[],
  step: Step,
  measure: Measure,
): (number | null)[] {
  const rows = new Map(rowsOf(answer).map((row) => [row[step], row]));
  // A day without builds has none, and no median; one that is folded or left out has some.
  const missing = measure === "builds" && answer?.folded.groups === 0 ? 0 : null;
  return places.map((place) =>
    answer && reaches(place, step, answer) ? (numberIn(rows.get(place), measure) ?? missing) : null,
  );
}

interface FigureTileProps {
  figure: FigureKind;
  isChosen: boolean;
  answer: QueryAnswer | undefined;
  before: QueryAnswer | undefined;
  values: readonly (number | null)[];
}

/** A figure, its change, its shape; chosen, it is what the chart below shows. */
function FigureTile(props: FigureTileProps) {
  const { figure, isChosen, answer, before } = props;
  const { product } = usePage();
  const { measure, label, better } = figure;
  const row = rowsOf(answer)[0];
  const value = numberIn(row, measure);
  const valueBefore = numberIn(rowsOf(before)[0], measure);
  const isPerDay = measure === "builds";
  const now = isPerDay ? perDay(value, answer, product) : value;
  const then = isPerDay ? perDay(valueBefore, before, product) : valueBefore;
  // More days have more different ones.
  const isComparable =
    !distinct.includes(measure) || daysIn(answer, product) === daysIn(before, product);
  return (
    <button
      type="button"
      class="figure"
      aria-pressed={isChosen}
      data-measure={measure}
      onClick={() => setOption("figure", measure === "builds" ? null : measure)}
    >
      <span class="figure-label">{label}</span>
      <span class="figure-value">
        {answer === undefined ? (
          <span class="figure-waits" />
        ) : isPerDay ? (
          <span data-value={value}>{now === null ? nothing : formatCount(now)}</span>
        ) : (
          <Figure answer={answer} row={row} name={measure} />
        )}
      </span>
      <span class="figure-foot">
        {answer && before && (
          <Delta
            now={now}
            before={isComparable ? then : null}
            isShare={measure === "successRate"}
            {...(!isComparable && { missing: "not comparable" })}
            {...(better && { better })}
          />
        )}
        {isPerDay && value !== null && value > 0 && (
          <span class="muted figure-total">{formatCount(value)} in all</span>
        )}
      </span>
      <Sparkline values={props.values} />
    </button>
  );
}

/** CI and containers beside installations, whatever the page is narrowed down to. */
function Places() {
  const { view, product } = usePage();
  const period = periodOf(view.range);
  const question = (part: Period) =>
    queryOf(view, product.name, {
      period: part,
      by: ["place"],
      measures: ["builds", "successRate", "p50", "p95"],
      places: "installation,ci,container,none",
    });
  const loaded = useAnswer<QueryAnswer>(question(period));
  const before = useAnswer<QueryAnswer>(question(periodBefore(period)));
  const answer = loaded.answer;
  const earlier = new Map(rowsOf(before.answer).map((row) => [row.place, row]));
  return (
    <Panel
      title="Where builds ran"
      note="CI and containers have no id: they are counted apart."
      span={12}
      size="low"
      query={question(period)}
      loaded={loaded}
      isEmpty={rowsOf(answer).length === 0}
      isTable
    >
      {answer && (
        <GroupTable
          caption="Builds by place"
          dimension="place"
          answer={answer}
          bar={{ measure: "builds" }}
          columns={[
            { label: "Builds", cell: "builds" },
            {
              label: "Change",
              cell: (row) => (
                <Delta
                  now={perDay(numberIn(row, "builds"), answer, product)}
                  before={perDay(
                    numberIn(earlier.get(row.place ?? null), "builds"),
                    before.answer,
                    product,
                  )}
                  missing={nothing}
                />
              ),
              isDropped: true,
            },
            { label: "Success", cell: "successRate" },
            { label: "Median", cell: "p50" },
            { label: "p95", cell: "p95", isDropped: true },
          ]}
        />
      )}
    </Panel>
  );
}

function Groups({ dimension, title }: { dimension: string; title: string }) {
  return (
    <GroupPanel
      title={title}
      size="tall"
      caption={`Builds by ${title.toLowerCase()}`}
      dimension={dimension}
      measures={["builds", "installations", "successRate"]}
      bar={{ measure: "builds" }}
      columns={(answer) => [
        { label: "Builds", cell: "builds" },
        { label: "Share", cell: shareOfSum(answer, "builds"), isDropped: true },
        { label: "Installations", cell: "installations", isDropped: true },
        { label: "Success", cell: "successRate" },
      ]}
    />
  );
}
