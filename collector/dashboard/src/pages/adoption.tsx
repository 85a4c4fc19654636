import type { DimensionSummary, DistributionAnswer, QueryAnswer } from "../../../src/query/api.ts";
import { Histogram, wholeBins } from "../charts/histogram.tsx";
import { StackChart } from "../charts/stack-chart.tsx";
import { daysBetween, steps } from "../data/days.ts";
import { distributionOf, queryOf } from "../data/questions.ts";
import { columnOf, compareVersions, numberIn, rowsOf } from "../data/table.ts";
import { useAnswer } from "../data/use-answer.ts";
import { periodOf, stepOf } from "../data/view.ts";
import { formatDay, formatLongDay, formatNumber, formatShare } from "../format.ts";
import { BinTable } from "../parts/bin-table.tsx";
import { dimensionOf, usePage } from "../parts/context.ts";
import { GroupPanel } from "../parts/group-panel.tsx";
import { shareOfSum } from "../parts/group-table.tsx";
import { Panel } from "../parts/panel.tsx";
import { FieldTable } from "../shared/field-table.tsx";

export function Adoption() {
  const { product } = usePage();
  const own = product.dimensions.filter(({ from }) => from === "fields");
  return (
    <div class="grid">
      <VersionsOverTime />
      <Groups dimension="productVersion" title="Versions" order="versions" />
      {own.map((dimension) => (
        <OwnField key={dimension.name} dimension={dimension} />
      ))}
      <section class="card panel span-12" aria-labelledby="what-is-sent">
        <details class="what-is-sent">
          <summary>
            <h2 id="what-is-sent">What builds send</h2>
          </summary>
          <FieldTable
            caption="Fields that builds send"
            fields={product.dimensions.map(({ name, kind, unit, values, description }) => ({
              name,
              value: values ? `${kind}: ${values.join(", ")}` : unit ? `${kind}, ${unit}` : kind,
              description,
            }))}
          />
        </details>
      </section>
    </div>
  );
}

/** So many versions have a layer of their own; older ones share one. */
const mostLayers = 7;

function VersionsOverTime() {
  const { view, product } = usePage();
  const period = periodOf(view.range);
  // A day of a small product has many versions that too few use to be told apart.
  const step = daysBetween(period.from, period.to) > 45 ? "week" : stepOf(period);
  const query = queryOf(view, product.name, {
    by: [step, "productVersion"],
    measures: ["installations", "builds"],
    limit: 1_000,
  });
  const loaded = useAnswer<QueryAnswer>(query);
  const rows = rowsOf(loaded.answer);
  // Of a long time only some weeks have them: the others would look as if nobody had built.
  const isWhole = columnOf(loaded.answer, "installations")?.missing === undefined;
  const measure =
    isWhole && rows.some((row) => (numberIn(row, "installations") ?? 0) > 0)
      ? "installations"
      : "builds";
  const places = steps(period.from, period.to, step).filter((place) =>
    rows.some((row) => row[step] === place),
  );
  const sums = new Map<string, number>();
  for (const row of rows) {
    const place = String(row[step]);
    sums.set(place, (sums.get(place) ?? 0) + (numberIn(row, measure) ?? 0));
  }
  // By their best moment: a release that was soon replaced had one, too.
  const peaks = new Map<string, number>();
  for (const row of rows) {
    const version = String(row.productVersion);
    const share = (numberIn(row, measure) ?? 0) / (sums.get(String(row[step])) || 1);
    peaks.set(version, Math.max(share, peaks.get(version) ?? 0));
  }
  const bySize = [...peaks].sort((a, b) => b[1] - a[1]).map(([version]) => version);
  const named = bySize
    .filter((version) => version !== "other" && version !== "null")
    .slice(0, mostLayers)
    .sort((a, b) => compareVersions(b, a));
  const values = new Map(
    rows.map((row) => [`${row[step]} ${row.productVersion}`, numberIn(row, measure) ?? 0]),
  );
  const share = (place: string, versions: readonly string[]) =>
    versions.reduce((sum, version) => sum + (values.get(`${place} ${version}`) ?? 0), 0) /
    (sums.get(place) || 1);
  const rest = bySize.filter((version) => !named.includes(version));
  const layers = [
    ...(rest.length > 0
      ? [{ name: "Other", tone: "series-other", shares: places.map((place) => share(place, rest)) }]
      : []),
    ...[...named].reverse().map((version) => ({
      name: version,
      tone: `rank-${named.indexOf(version) + 1}`,
      shares: places.map((place) => share(place, [version])),
    })),
  ];

  return (
    <Panel
      title="Versions over time"
      note={`Share of ${measure === "installations" ? "active installations" : "builds"}; the newest is on top, in the strongest colour.`}
      span={12}
      size="chart"
      query={query}
      loaded={loaded}
      isEmpty={places.length === 0}
    >
      <StackChart
        label={`Versions by ${step}`}
        places={places}
        layers={layers}
        formatPlace={formatDay}
        formatLongPlace={formatLongDay}
        format={formatShare}
      />
    </Panel>
  );
}

interface GroupsProps {
  dimension: string;
  title: string;
  note?: string;
  order: "size" | "versions" | "value";
  /** A list's or a map's groups are not parts of a whole. */
  isOverlapping?: boolean;
  /** Nothing is shown of a field that no build states: it is of other events. */
  isHiddenUnstated?: boolean;
}

function Groups({ title, isOverlapping, ...props }: GroupsProps) {
  return (
    <GroupPanel
      {...props}
      title={title}
      span={4}
      measures={["installations", "builds"]}
      caption={`Builds by ${title}`}
      bar={{ measure: "builds" }}
      columns={(answer) => [
        { label: "Installations", cell: "installations" },
        { label: "Builds", cell: "builds" },
        ...(isOverlapping ? [] : [{ label: "Share", cell: shareOfSum(answer, "builds") }]),
      ]}
    />
  );
}

/** Drawn by its kind, as the product's definitions have it. */
function OwnField({ dimension }: { dimension: DimensionSummary }) {
  const { name, kind, description, values } = dimension;
  if (kind === "number" && !values) return <NumberField dimension={dimension} />;
  const order = kind === "number" ? "value" : kind === "version" ? "versions" : "size";
  return (
    <Groups
      dimension={name}
      title={name}
      note={description}
      order={order}
      isOverlapping={kind === "list" || kind === "map"}
      isHiddenUnstated
    />
  );
}

function NumberField({ dimension: { name, description } }: { dimension: DimensionSummary }) {
  const { view, product } = usePage();
  const loaded = useAnswer<DistributionAnswer>(
    distributionOf(view, product.name, { field: name, bins: 24 }),
  );
  const series = loaded.answer?.series ?? [];
  // Of other events than builds.
  if (loaded.answer && series.length === 0) return null;
  const unit = dimensionOf(product, name)?.unit;
  const groups = series.map(({ bins }) => ({
    name: "Builds",
    tone: "series-1",
    bins: unit === undefined ? wholeBins(bins) : bins,
  }));
  const format = (value: number) => formatNumber(value, unit);
  return (
    <Panel
      title={name}
      note={description}
      span={4}
      size="tall"
      loaded={loaded}
      isEmpty={series.length === 0}
      table={<BinTable caption={`Distribution of ${name}`} groups={groups} format={format} />}
    >
      <Histogram
        label={`Distribution of ${name}`}
        groups={groups}
        isWhole={unit === undefined}
        format={format}
        height={200}
      />
    </Panel>
  );
}
