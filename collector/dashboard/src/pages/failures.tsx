import type { Measure, NewSinceAnswer, QueryAnswer } from "../../../src/query/api.ts";
import { LineChart } from "../charts/line-chart.tsx";
import { perDay } from "../data/counted.ts";
import { steps, today } from "../data/days.ts";
import { newSinceOf, queryOf } from "../data/questions.ts";
import { numberIn, type Row, rowsOf } from "../data/table.ts";
import { useAnswer } from "../data/use-answer.ts";
import { type Period, periodBefore, periodOf, setOption, setWhere, stepOf } from "../data/view.ts";
import {
  formatCount,
  formatDay,
  formatLongDay,
  formatShare,
  formatShortShare,
  formatValue,
  nothing,
} from "../format.ts";
import { usePage } from "../parts/context.ts";
import { Delta } from "../parts/delta.tsx";
import { useVersions } from "../parts/filter-bar.tsx";
import { GroupPanel } from "../parts/group-panel.tsx";
import { Figure } from "../parts/group-table.tsx";
import { Panel } from "../parts/panel.tsx";
import { Select } from "../parts/select.tsx";

const totals: readonly Measure[] = ["builds", "failures", "successRate", "installationsHit"];

export function Failures() {
  return (
    <div class="grid">
      <OverTime />
      <PhaseByType />
      <NewSince />
      <ByGroup dimension="productVersion" title="By version" />
      <ByGroup dimension="bundler" title="By bundler" />
    </div>
  );
}

function OverTime() {
  const { view, product } = usePage();
  const period = periodOf(view.range);
  const step = stepOf(period);
  const total = (part: Period) => queryOf(view, product.name, { measures: totals, period: part });
  const now = useAnswer<QueryAnswer>(total(period));
  const then = useAnswer<QueryAnswer>(total(periodBefore(period)));
  const query = queryOf(view, product.name, {
    by: [step],
    measures: ["builds", "failures", "successRate", "installationsHit"],
    limit: 1_000,
  });
  const loaded = useAnswer<QueryAnswer>(query);
  const rows = new Map(rowsOf(loaded.answer).map((row) => [row[step], row]));
  const places = steps(period.from, period.to, step);
  const row = rowsOf(now.answer)[0];
  const before = rowsOf(then.answer)[0];
  const isKnown = now.answer !== undefined && then.answer !== undefined;
  const failed = (of: Row | undefined) => shareFailed(of);

  return (
    <Panel
      title="Failures over time"
      span={12}
      size="chart-and-figures"
      query={query}
      loaded={loaded}
      isEmpty={rows.size === 0}
    >
      <dl class="readings">
        <div data-measure="failures">
          <dt>Failed builds</dt>
          <dd>
            <b>{now.answer ? <Figure answer={now.answer} row={row} name="failures" /> : nothing}</b>{" "}
            {isKnown && (
              <Delta
                now={perDay(numberIn(row, "failures"), now.answer, product)}
                before={perDay(numberIn(before, "failures"), then.answer, product)}
                better="less"
              />
            )}
          </dd>
        </div>
        <div data-measure="failureRate">
          <dt>Share of builds</dt>
          <dd>
            <b>{failed(row) === null ? nothing : formatShare(failed(row) ?? 0)}</b>{" "}
            {isKnown && <Delta now={failed(row)} before={failed(before)} isShare better="less" />}
          </dd>
        </div>
        <div data-measure="installationsHit">
          <dt>Share of installations hit</dt>
          <dd>
            <b>
              {now.answer ? (
                <Figure answer={now.answer} row={row} name="installationsHit" />
              ) : (
                nothing
              )}
            </b>{" "}
            {isKnown && (
              <Delta
                now={numberIn(row, "installationsHit")}
                before={numberIn(before, "installationsHit")}
                isShare
                better="less"
              />
            )}
          </dd>
        </div>
      </dl>
      <LineChart
        label={`Share of builds that failed, by ${step}`}
        places={places}
        series={[
          {
            name: "Builds that failed",
            tone: "bad",
            look: "area",
            values: places.map((place) => failed(rows.get(place))),
          },
          {
            name: "Installations hit",
            tone: "series-other",
            values: places.map((place) => numberIn(rows.get(place), "installationsHit")),
          },
        ]}
        formatPlace={formatDay}
        formatLongPlace={formatLongDay}
        format={formatShare}
        formatTick={formatShortShare}
        ticks="share"
        isLastOpen={period.to === today()}
      />
    </Panel>
  );
}

function shareFailed(row: Row | undefined): number | null {
  const rate = numberIn(row, "successRate");
  return rate === null ? null : 1 - rate;
}

function PhaseByType() {
  const { view, product } = usePage();
  const query = queryOf(view, product.name, {
    by: ["errorPhase", "errorType"],
    measures: ["failures", "installations"],
    where: { success: ["false"] },
    limit: 500,
  });
  const loaded = useAnswer<QueryAnswer>(query);
  const rows = rowsOf(loaded.answer);
  const phases = bySize(rows, "errorPhase");
  const types = bySize(rows, "errorType").slice(0, 14);
  const most = Math.max(1, ...rows.map((row) => numberIn(row, "failures") ?? 0));
  const cells = new Map(
    rows.map((row) => [`${row.errorPhase} ${row.errorType}`, numberIn(row, "failures") ?? 0]),
  );

  return (
    <Panel
      title="Phase and error"
      note="Failed builds; a stronger red is more."
      span={8}
      size="tall"
      query={query}
      loaded={loaded}
      isEmpty={rows.length === 0}
      empty="No build failed in this view."
      isTable
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard has to reach it. */}
      <section class="scroll" tabIndex={0} aria-label="Failed builds by phase and error">
        <table class="heat">
          <caption class="visually-hidden">Failed builds by error and phase</caption>
          <thead>
            <tr>
              <th scope="col">Error</th>
              {phases.map(([phase]) => (
                <th key={phase} scope="col" class="number">
                  {formatValue(phase, "errorPhase")}
                </th>
              ))}
              <th scope="col" class="number">
                All
              </th>
            </tr>
          </thead>
          <tbody>
            {types.map(([type, sum]) => (
              <tr key={type}>
                <th scope="row">
                  {type === "other" || type === "null" ? (
                    <span class="group-name">{type === "other" ? "Other" : "Not stated"}</span>
                  ) : (
                    <button
                      type="button"
                      class="group-name"
                      aria-pressed={view.where.errorType?.includes(type) === true}
                      onClick={() =>
                        setWhere("errorType", view.where.errorType?.includes(type) ? [] : [type])
                      }
                    >
                      {type}
                    </button>
                  )}
                </th>
                {phases.map(([phase]) => {
                  const count = cells.get(`${phase} ${type}`) ?? 0;
                  return (
                    <td key={phase} class={`number heat-${heatOf(count, most)}`}>
                      {count === 0 ? <span class="muted">·</span> : formatCount(count)}
                    </td>
                  );
                })}
                <td class="number">{formatCount(sum)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  );
}

/** Names with their sums, the largest first; what was folded comes last. */
function bySize(rows: readonly Row[], dimension: string): [string, number][] {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = String(row[dimension]);
    sums.set(name, (sums.get(name) ?? 0) + (numberIn(row, "failures") ?? 0));
  }
  return [...sums].sort(
    ([a, left], [b, right]) => Number(a === "other") - Number(b === "other") || right - left,
  );
}

/** Five steps, by the square root: few failures still show beside very many. */
function heatOf(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(1, Math.ceil(Math.sqrt(count / most) * 5));
}

/** Errors of a version and its successors that its predecessors did not have. */
function NewSince() {
  const { view, product, k } = usePage();
  const versions = useVersions();
  // At first what the three newest versions brought.
  const since = view.options.since ?? versions[2] ?? versions.at(-1) ?? "";
  const { productVersion: _every, ...where } = view.where;
  const query = newSinceOf({ ...view, where }, product.name, {
    since,
    measures: ["failures", "installations"],
  });
  const loaded = useAnswer<NewSinceAnswer>(since === "" ? null : query);
  const rows = rowsOf(loaded.answer);

  return (
    <Panel
      title="New since a version"
      note={`What no version had that was seen before it, and ${k} installations met.`}
      span={4}
      query={query}
      loaded={since === "" ? { ...loaded, answer: { series: [] } } : loaded}
      isEmpty={rows.length === 0}
      empty={`No error is new in ${since} and later.`}
      isTable
      controls={
        <Select
          label="Since version"
          value={since}
          choices={versions.map((value) => ({ value, label: value }))}
          onChange={(value) => setOption("since", value)}
        />
      }
    >
      <table class="group-table">
        <caption class="visually-hidden">Errors new since {since}</caption>
        <thead>
          <tr>
            <th scope="col">Error</th>
            <th scope="col">Phase</th>
            <th scope="col" class="number">
              Failed
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ errorPhase, errorType, failures }) => (
            <tr key={`${errorPhase} ${errorType}`}>
              <th scope="row">
                {errorType === null ? (
                  <span class="group-name">Not stated</span>
                ) : (
                  <button
                    type="button"
                    class="group-name"
                    title={`Only ${errorType}`}
                    onClick={() => setWhere("errorType", [String(errorType)])}
                  >
                    {errorType}
                  </button>
                )}
              </th>
              <td>{formatValue(errorPhase ?? null, "errorPhase")}</td>
              <td class="number">{formatCount(Number(failures))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function ByGroup({ dimension, title }: { dimension: string; title: string }) {
  return (
    <GroupPanel
      title={title}
      size="tall"
      caption={`Failures ${title.toLowerCase()}`}
      dimension={dimension}
      measures={["builds", "failures", "successRate", "installationsHit"]}
      bar={{ measure: "failures", tone: "bad" }}
      columns={() => [
        { label: "Failed", cell: "failures" },
        {
          label: "Of its builds",
          cell: (row) => {
            const share = shareFailed(row);
            return share === null ? nothing : formatShare(share);
          },
        },
        { label: "Installations hit", cell: "installationsHit", isDropped: true },
      ]}
    />
  );
}
