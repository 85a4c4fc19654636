import { useState } from "preact/hooks";
import type { QueryAnswer } from "../../../src/query/api.ts";
import { isDay } from "../data/days.ts";
import { queryOf } from "../data/questions.ts";
import { compareVersions, rowsOf } from "../data/table.ts";
import { useAnswer } from "../data/use-answer.ts";
import {
  go,
  type PlacesChoice,
  periodOf,
  placesChoices,
  rangeBetween,
  rangeChoices,
  setWhere,
  type View,
} from "../data/view.ts";
import { formatDays, formatValue, labelOf } from "../format.ts";
import { dimensionOf, usePage } from "./context.ts";
import { Select } from "./select.tsx";

/** Narrows the whole page down. What isn't in a list of its own shows as a tag that can be taken away. */
export function FilterBar() {
  const { view, product } = usePage();
  const versions = useVersions();
  const others = Object.keys(view.where).filter((name) => !listed.includes(name));
  return (
    <search class="filters" aria-label="Filters">
      <RangeFilter view={view} />
      <Select
        label="Places"
        value={view.places}
        choices={Object.entries(placesChoices).map(([value, { label }]) => ({ value, label }))}
        onChange={(value) => go({ places: value as PlacesChoice })}
      />
      <ValueFilter name="productVersion" any="Any version" values={versions} />
      {["bundler", "mode"].map((name) => (
        <ValueFilter
          key={name}
          name={name}
          any={`Any ${name}`}
          values={(dimensionOf(product, name)?.values ?? []).map(String)}
        />
      ))}
      {others.map((name) => (
        <button key={name} type="button" class="tag" onClick={() => setWhere(name, [])}>
          <span class="muted">{labelOf(name)}</span>{" "}
          {view.where[name]
            ?.map((value) => formatValue(value, name, dimensionOf(product, name)?.unit))
            .join(", ")}
          <span class="visually-hidden">: remove this filter</span>
          <span aria-hidden="true">×</span>
        </button>
      ))}
      {Object.keys(view.where).length > 0 && (
        <button type="button" class="button quiet" onClick={() => go({ where: {} })}>
          Clear
        </button>
      )}
    </search>
  );
}

const listed = ["productVersion", "bundler", "mode"];

/** From the newest to the oldest. */
export function useVersions(): string[] {
  const { view, product } = usePage();
  const { productVersion: _own, ...where } = view.where;
  const query = queryOf({ ...view, where }, product.name, {
    by: ["productVersion"],
    measures: ["builds"],
    limit: 100,
  });
  const { answer } = useAnswer<QueryAnswer>(query);
  return rowsOf(answer)
    .map((row) => row.productVersion)
    .filter((version) => typeof version === "string" && version !== "other")
    .map(String)
    .sort((a, b) => compareVersions(b, a));
}

function ValueFilter({
  name,
  any,
  values,
}: {
  name: string;
  any: string;
  values: readonly string[];
}) {
  const { view } = usePage();
  const chosen = view.where[name] ?? [];
  // A shared address may name what isn't in the list, or several.
  const known = [...new Set([...values, ...chosen])];
  const several = chosen.length > 1 ? chosen.join(",") : undefined;
  return (
    <Select
      label={labelOf(name)}
      value={several ?? chosen[0] ?? ""}
      isSet={chosen.length > 0}
      choices={[
        { value: "", label: any },
        ...(several ? [{ value: several, label: chosen.join(", ") }] : []),
        ...known.map((value) => ({ value, label: formatValue(value, name) })),
      ]}
      onChange={(value) => setWhere(name, value === "" ? [] : value.split(","))}
    />
  );
}

function RangeFilter({ view }: { view: View }) {
  const [isCustom, setIsCustom] = useState("from" in view.range);
  const period = periodOf(view.range);
  const value = "days" in view.range && !isCustom ? String(view.range.days) : "custom";
  const days = [...new Set([...rangeChoices, ...("days" in view.range ? [view.range.days] : [])])];

  function choose(chosen: string): void {
    setIsCustom(chosen === "custom");
    go({ range: chosen === "custom" ? period : { days: Number(chosen) } });
  }
  function setDay(end: "from" | "to", day: string): void {
    if (!isDay(day)) return;
    const range = rangeBetween(day, end === "from" ? period.to : period.from);
    if (range) go({ range });
  }

  return (
    <>
      <Select
        label="Time range"
        value={value}
        choices={[
          ...days
            .sort((a, b) => a - b)
            .map((count) => ({
              value: String(count),
              label: count === 365 ? "Last 12 months" : `Last ${formatDays(count)}`,
            })),
          { value: "custom", label: "Custom range" },
        ]}
        onChange={choose}
      />
      {value === "custom" && (
        <span class="range-days">
          <input
            type="date"
            class="pill"
            aria-label="First day"
            value={period.from}
            max={period.to}
            onChange={(event) => setDay("from", event.currentTarget.value)}
          />
          <span class="muted">to</span>
          <input
            type="date"
            class="pill"
            aria-label="Last day"
            value={period.to}
            min={period.from}
            onChange={(event) => setDay("to", event.currentTarget.value)}
          />
        </span>
      )}
    </>
  );
}
