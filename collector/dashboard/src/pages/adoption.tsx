import type { DimensionSummary, DistributionAnswer, QueryAnswer } from "../../../src/query/api.ts";
import { Histogram, wholeBins } from "../charts/histogram.tsx";
import { StackChart } from "../charts/stack-chart.tsx";
import { steps } from "../data/days.ts";
import { distributionOf, queryOf } from "../data/questions.ts";
import { compareVersions, numberIn, rowsOf } from "../data/table.ts";
import { useAnswer } from "../data/use-answer.ts";
import { periodOf, stepOf } from "../data/view.ts";
import { formatDay, formatLongDay, formatNumber, formatShare } from "../format.ts";
import { dimensionOf, usePage } from "../parts/context.ts";
import { GroupTable, shareOfSum } from "../parts/group-table.tsx";
import { Panel } from "../parts/panel.tsx";
import { FieldTable } from "../shared/field-table.tsx";

export function Adoption() {
  const { product } = usePage();
  const own = product.dimensions.filter(({ from }) => from === "fields");
  return (
    <div class="grid">
      <VersionsOverTime />
      <Versions />
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
const mostLayers = 6;

function VersionsOverTime() {
  const { view, product } = usePage();
  const period = periodOf(view.range);
  const step = stepOf(period);
  const query = queryOf(view, product.name, {
    by: [step, "productVersion"],
    measures: ["installations", "builds"],
    limit: 1_000,
  });
  const loaded = useAnswer<QueryAnswer>(query);
  const rows = rowsOf(loaded.answer);
  const measure = rows.some((row) => (numberIn(row, "installations") ?? 0) > 0)
    ? "installations"
    : "builds";
  const places = steps(period.from, period.to, step).filter((place) =>
    rows.some((row) => row[step] === place),
  );
  const sums = new Map<string, number>();
  const sizes = new Map<string, number>();
  for (const row of rows) {
    const [place, version, size] = [
      String(row[step]),
      String(row.productVersion),
      numberIn(row, measure) ?? 0,
    ];
    sums.set(place, (sums.get(place) ?? 0) + size);
    sizes.set(version, (sizes.get(version) ?? 0) + size);
  }
  const bySize = [...sizes].sort((a, b) => b[1] - a[1]).map(([version]) => version);
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

function Versions() {
  return <Groups dimension="productVersion" title="Versions" order="versions" />;
}

interface GroupsProps {
  span?: 4 | 6;
  dimension: string;
  title: string;
  note?: string;
  order: "size" | "versions" | "value";
}

function Groups({ dimension, title, note, order, span = 6 }: GroupsProps) {
  const { view, product } = usePage();
  const query = queryOf(view, product.name, {
    by: [dimension],
    measures: ["installations", "builds"],
    limit: 100,
  });
  const loaded = useAnswer<QueryAnswer>(query);
  const answer = loaded.answer;
  return (
    <Panel
      title={title}
      span={span}
      {...(note && { note })}
      query={query}
      loaded={loaded}
      isEmpty={rowsOf(answer).length === 0}
      isTable
    >
      {answer && (
        <GroupTable
          caption={`Builds by ${title}`}
          dimension={dimension}
          answer={answer}
          bar={{ measure: "builds" }}
          order={order}
          columns={[
            { label: "Installations", cell: "installations" },
            { label: "Builds", cell: "builds" },
            { label: "Share", cell: shareOfSum(answer, "builds") },
          ]}
        />
      )}
    </Panel>
  );
}

/** Drawn by its kind, as the product's definitions have it. */
function OwnField({ dimension }: { dimension: DimensionSummary }) {
  const { name, kind, description, values } = dimension;
  if (kind === "number" && !values) return <NumberField dimension={dimension} />;
  const order = kind === "number" ? "value" : kind === "version" ? "versions" : "size";
  return <Groups dimension={name} title={name} note={description} order={order} span={4} />;
}

function NumberField({ dimension: { name, description } }: { dimension: DimensionSummary }) {
  const { view, product } = usePage();
  const loaded = useAnswer<DistributionAnswer>(
    distributionOf(view, product.name, { field: name, bins: 24 }),
  );
  const series = loaded.answer?.series ?? [];
  const unit = dimensionOf(product, name)?.unit;
  return (
    <Panel title={name} note={description} loaded={loaded} isEmpty={series.length === 0}>
      <Histogram
        label={`Distribution of ${name}`}
        groups={series.map(({ bins }) => ({
          name: "Builds",
          tone: "series-1",
          bins: unit === undefined ? wholeBins(bins) : bins,
        }))}
        isWhole={unit === undefined}
        format={(value) => formatNumber(value, unit)}
        height={200}
      />
    </Panel>
  );
}
