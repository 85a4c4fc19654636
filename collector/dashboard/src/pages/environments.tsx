import { placesChoices } from "../data/view.ts";
import { labelOf } from "../format.ts";
import { dimensionOf, usePage } from "../parts/context.ts";
import { GroupPanel } from "../parts/group-panel.tsx";
import { shareOfSum } from "../parts/group-table.tsx";

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

function EnvironmentPanel({ dimension, places, span = 4, ...rest }: Environment) {
  const { view } = usePage();
  const hasInstallations = !places && ["users", "all"].includes(view.places);
  return (
    <GroupPanel
      title={labelOf(dimension)}
      span={span}
      caption={`Builds by ${labelOf(dimension)}`}
      dimension={dimension}
      measures={["builds", "installations"]}
      places={places && placesChoices[places].places}
      bar={{ measure: "builds" }}
      columns={(answer) => [
        ...(hasInstallations ? [{ label: "Installations", cell: "installations" }] : []),
        { label: "Builds", cell: "builds" },
        { label: "Share", cell: shareOfSum(answer, "builds") },
      ]}
      {...rest}
    />
  );
}
