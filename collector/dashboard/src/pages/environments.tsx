import type { QueryAnswer } from "../../../src/query/api.ts";
import { queryOf } from "../data/questions.ts";
import { rowsOf } from "../data/table.ts";
import { useAnswer } from "../data/use-answer.ts";
import { placesChoices } from "../data/view.ts";
import { labelOf } from "../format.ts";
import { dimensionOf, usePage } from "../parts/context.ts";
import { GroupTable, shareOfSum } from "../parts/group-table.tsx";
import { Panel } from "../parts/panel.tsx";

interface Environment {
  dimension: string;
  order?: "value" | "versions";
  missing?: string;
  note?: string;
  span?: 4 | 6;
  /** Only seen in some places, whatever the page is narrowed down to. */
  places?: keyof typeof placesChoices;
}

const environments: readonly Environment[] = [
  { dimension: "platform" },
  { dimension: "arch" },
  { dimension: "runtime" },
  { dimension: "nodeVersion", order: "versions", note: "Or what another runtime stands in for." },
  { dimension: "agent", missing: "No agent", note: "Who started the build, where it tells." },
  { dimension: "ciName", missing: "Unknown service", note: "Of builds in CI.", places: "ci" },
  { dimension: "packageManager" },
  { dimension: "isDocker", note: "Everywhere, with CI and containers.", places: "all" },
  { dimension: "isWsl" },
  { dimension: "cpuCores", order: "value", span: 6 },
  { dimension: "memoryTotal", order: "value", span: 6 },
];

export function Environments() {
  const { product } = usePage();
  const known = environments.filter(({ dimension }) => dimensionOf(product, dimension));
  return (
    <div class="grid">
      {known.map((environment) => (
        <EnvironmentPanel key={environment.dimension} {...environment} />
      ))}
      {known.length === 0 && (
        <p class="state span-12">
          {product.name} sends nothing about where its builds run (metadata: none).
        </p>
      )}
    </div>
  );
}

function EnvironmentPanel({ dimension, order, missing, note, places, span = 4 }: Environment) {
  const { view, product } = usePage();
  const query = queryOf(view, product.name, {
    by: [dimension],
    measures: ["builds", "installations"],
    limit: 100,
    ...(places && { places: placesChoices[places].places }),
  });
  const loaded = useAnswer<QueryAnswer>(query);
  const answer = loaded.answer;
  const hasInstallations = !places && ["users", "all"].includes(view.places);
  return (
    <Panel
      title={labelOf(dimension)}
      note={note}
      span={span}
      query={query}
      loaded={loaded}
      isEmpty={rowsOf(answer).length === 0}
      isTable
    >
      {answer && (
        <GroupTable
          caption={`Builds by ${labelOf(dimension)}`}
          dimension={dimension}
          answer={answer}
          bar={{ measure: "builds" }}
          order={order ?? "size"}
          columns={[
            ...(hasInstallations ? [{ label: "Installations", cell: "installations" }] : []),
            { label: "Builds", cell: "builds" },
            { label: "Share", cell: shareOfSum(answer, "builds") },
          ]}
          {...(missing !== undefined && { missing })}
        />
      )}
    </Panel>
  );
}
