import type { DistributionAnswer, Measure, QueryAnswer } from "../../../src/query/api.ts";
import { Histogram } from "../charts/histogram.tsx";
import { LineChart } from "../charts/line-chart.tsx";
import { linear } from "../charts/scale.ts";
import { steps, today } from "../data/days.ts";
import { distributionOf, queryOf } from "../data/questions.ts";
import { numberIn, type Row, rowsOf } from "../data/table.ts";
import { useAnswer } from "../data/use-answer.ts";
import { periodBefore, periodOf, setOption, stepOf } from "../data/view.ts";
import {
  formatDay,
  formatDuration,
  formatLongDay,
  formatValue,
  labelOf,
  nothing,
} from "../format.ts";
import { BinTable } from "../parts/bin-table.tsx";
import { dimensionOf, usePage } from "../parts/context.ts";
import { Delta } from "../parts/delta.tsx";
import { useVersions } from "../parts/filter-bar.tsx";
import { Figure, GroupTable } from "../parts/group-table.tsx";
import { Panel } from "../parts/panel.tsx";
import { Select } from "../parts/select.tsx";

const percentiles = ["p50", "p75", "p95", "p99"] as const satisfies readonly Measure[];

export function Speed() {
  return (
    <div class="grid">
      <OverTime />
      <Distribution />
      <TwoVersions />
      {["productVersion", "bundler", "platform", "memoryTotal"].map((dimension) => (
        <Ranges key={dimension} dimension={dimension} />
      ))}
    </div>
  );
}

function OverTime() {
  const { view, product } = usePage();
  const period = periodOf(view.range);
  const step = stepOf(period);
  const query = queryOf(view, product.name, { by: [step], measures: percentiles, limit: 1_000 });
  const loaded = useAnswer<QueryAnswer>(query);
  const totalQuery = (part = period) =>
    queryOf(view, product.name, { measures: percentiles, period: part });
  const total = useAnswer<QueryAnswer>(totalQuery());
  const before = useAnswer<QueryAnswer>(totalQuery(periodBefore(period)));
  const rows = new Map(rowsOf(loaded.answer).map((row) => [row[step], row]));
  const places = steps(period.from, period.to, step);
  const now = rowsOf(total.answer)[0];
  const then = rowsOf(before.answer)[0];

  return (
    <Panel
      title="Duration over time"
      note="Of builds that succeeded."
      span={12}
      size="chart-and-figures"
      query={query}
      loaded={loaded}
      isEmpty={rows.size === 0}
    >
      <dl class="readings">
        {percentiles.map((measure) => (
          <div key={measure} data-measure={measure}>
            <dt>{labelOf(measure)}</dt>
            <dd>
              <b>
                {total.answer ? <Figure answer={total.answer} row={now} name={measure} /> : nothing}
              </b>{" "}
              {total.answer && before.answer && (
                <Delta
                  now={numberIn(now, measure)}
                  before={numberIn(then, measure)}
                  better="less"
                />
              )}
            </dd>
          </div>
        ))}
      </dl>
      <LineChart
        label={`Percentiles of duration by ${step}`}
        places={places}
        series={percentiles.map((measure, i) => ({
          name: short[measure],
          tone: `rank-${i + 1}`,
          values: places.map((place) => numberIn(rows.get(place), measure)),
        }))}
        formatPlace={formatDay}
        formatLongPlace={formatLongDay}
        format={formatDuration}
        formatTick={(ms) => (ms === 0 ? "0" : formatDuration(ms).replace(".0", ""))}
        ticks="duration"
        isLastOpen={period.to === today()}
      />
    </Panel>
  );
}

/** What a phone has no room for. */
const dropped: readonly string[] = ["p75"];

const short = { p50: "Median", p75: "p75", p95: "p95", p99: "p99" };

function Distribution() {
  const { view, product } = usePage();
  const query = distributionOf(view, product.name, { field: "duration", bins: 40 });
  const loaded = useAnswer<DistributionAnswer>(query);
  const series = loaded.answer?.series ?? [];
  return (
    <Panel
      title="Distribution"
      size="tall"
      note="Share of builds by how long they took."
      query={query}
      loaded={loaded}
      isEmpty={series.length === 0}
      table={
        <BinTable
          caption="Distribution of durations"
          groups={series.map(({ bins }) => ({ name: "Builds", bins }))}
          format={formatDuration}
        />
      }
    >
      <Histogram
        label="Distribution of durations"
        groups={series.map(({ bins }) => ({ name: "Builds", tone: "series-1", bins }))}
        format={formatDuration}
        height={236}
      />
    </Panel>
  );
}

function TwoVersions() {
  const { view, product } = usePage();
  const versions = useVersions();
  const a = view.options.a ?? versions[1] ?? "";
  const b = view.options.b ?? versions[0] ?? "";
  const isAsked = a !== "" && b !== "" && a !== b;
  const question = {
    by: ["productVersion"],
    where: { productVersion: [a, b] },
  };
  const bins = isAsked
    ? distributionOf(view, product.name, { ...question, field: "duration", bins: 32 })
    : undefined;
  const loaded = useAnswer<DistributionAnswer>(bins ?? null);
  const query = queryOf(view, product.name, { ...question, measures: ["builds", ...percentiles] });
  const table = useAnswer<QueryAnswer>(isAsked ? query : null);
  const rows = new Map(rowsOf(table.answer).map((row) => [row.productVersion, row]));
  const groups = [a, b].flatMap((version, i) => {
    const found = loaded.answer?.series.find(({ group }) => group === version);
    return found ? [{ name: version, tone: `series-${i + 1}`, bins: found.bins }] : [];
  });
  const choices = versions.map((value) => ({ value, label: value }));

  return (
    <Panel
      title="Two versions"
      size="tall"
      note="Each as shares of its own builds."
      {...(bins && { query: bins })}
      loaded={isAsked ? loaded : { ...loaded, answer: { series: [] } }}
      isEmpty={groups.length === 0}
      table={
        <BinTable caption={`Durations of ${a} and ${b}`} groups={groups} format={formatDuration} />
      }
      empty="It takes two versions with enough builds to compare them: choose others, or a longer time range."
      controls={
        <>
          <Select
            label="First version"
            value={a}
            choices={choices}
            onChange={(value) => setOption("a", value)}
          />
          <Select
            label="Second version"
            value={b}
            choices={choices}
            onChange={(value) => setOption("b", value)}
          />
        </>
      }
    >
      <Histogram
        label={`Durations of ${a} and ${b}`}
        groups={groups}
        format={formatDuration}
        height={148}
      />
      <table class="compare">
        <caption class="visually-hidden">
          Percentiles of {a} and {b}
        </caption>
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col" class="number">
              Builds
            </th>
            {percentiles.map((measure) => (
              <th key={measure} scope="col" class={classOf(measure)}>
                {short[measure]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.answer &&
            [a, b].map((version, i) => (
              <tr key={version}>
                <th scope="row">
                  <span class={`swatch series-${i + 1}`} /> {version}
                </th>
                {(["builds", ...percentiles] as const).map((measure) => (
                  <td key={measure} class={classOf(measure)}>
                    <Figure
                      answer={table.answer as QueryAnswer}
                      row={rows.get(version)}
                      name={measure}
                    />
                  </td>
                ))}
              </tr>
            ))}
          <tr>
            <th scope="row">Change</th>
            <td />
            {percentiles.map((measure) => (
              <td key={measure} class={classOf(measure)}>
                <Delta
                  now={numberIn(rows.get(b), measure)}
                  before={numberIn(rows.get(a), measure)}
                  better="less"
                  missing={nothing}
                />
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </Panel>
  );
}

function classOf(measure: string): string {
  return `number ${dropped.includes(measure) ? "dropped" : ""}`;
}

/** By one dimension: each group's median, and the span from it to its 95th percentile. */
function Ranges({ dimension }: { dimension: string }) {
  const { view, product } = usePage();
  const query = queryOf(view, product.name, {
    by: [dimension],
    measures: ["builds", "p50", "p75", "p95"],
    limit: 100,
  });
  const isKnown = dimensionOf(product, dimension) !== undefined;
  const loaded = useAnswer<QueryAnswer>(isKnown ? query : null);
  const answer = loaded.answer;
  const rows = rowsOf(answer);
  const most = Math.max(1, ...rows.map((row) => numberIn(row, "p95") ?? 0));
  if (!isKnown) return null;
  return (
    <Panel
      title={`By ${labelOf(dimension).toLowerCase()}`}
      note="The dot is the median, the line goes on to the 95th percentile."
      query={query}
      loaded={loaded}
      isEmpty={rows.length === 0}
      isTable
    >
      {answer && (
        <GroupTable
          caption={`Duration by ${labelOf(dimension)}`}
          dimension={dimension}
          answer={answer}
          order={orders[dimension] ?? "size"}
          columns={[
            {
              label: "Median to p95",
              cell: (row) => <Span row={row} most={most} name={nameOf(row)} />,
              isWide: true,
            },
            { label: "Median", cell: "p50" },
            { label: "p95", cell: "p95" },
            { label: "Builds", cell: "builds", isDropped: true },
          ]}
        />
      )}
    </Panel>
  );

  function nameOf(row: Row): string {
    return formatValue(row[dimension] ?? null, dimension, dimensionOf(product, dimension)?.unit);
  }
}

const orders: Record<string, "value" | "versions"> = {
  productVersion: "versions",
  memoryTotal: "value",
};

function Span({ row, most, name }: { row: Row; most: number; name: string }) {
  const x = linear([0, most], [3, 97]);
  const [p50, p75, p95] = ["p50", "p75", "p95"].map((measure) => numberIn(row, measure));
  if (p50 == null || p95 == null) return null;
  return (
    <svg
      class="span"
      role="img"
      aria-label={`${name}: ${formatDuration(p50)} to ${formatDuration(p95)}`}
    >
      <line class="rail" x1="0" x2="100%" y1="50%" y2="50%" />
      <line class="long" x1={`${x(p50)}%`} x2={`${x(p95)}%`} y1="50%" y2="50%" />
      {p75 != null && <line class="short" x1={`${x(p50)}%`} x2={`${x(p75)}%`} y1="50%" y2="50%" />}
      <circle cx={`${x(p50)}%`} cy="50%" r="4" />
    </svg>
  );
}
