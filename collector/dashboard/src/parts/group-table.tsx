import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { QueryAnswer } from "../../../src/query/api.ts";
import { columnOf, compareVersions, numberIn, type Row, rowsOf } from "../data/table.ts";
import { setWhere } from "../data/view.ts";
import { formatNumber, formatShare, formatValue, labelOf, nothing } from "../format.ts";
import { dimensionOf, usePage } from "./context.ts";

interface GroupColumn {
  label: string;
  /** A measure of the answer, or what is made of its row. */
  cell: string | ((row: Row) => ComponentChildren);
  isWide?: boolean;
  isDropped?: boolean;
}

export interface GroupTableProps {
  caption: string;
  dimension: string;
  answer: QueryAnswer;
  /** The bar behind the name: this measure's part of the largest, or of 1. */
  bar?: { measure: string; tone?: "bad"; most?: number };
  columns: readonly GroupColumn[];
  order?: "size" | "value" | "versions";
  most?: number;
  /** What a group without a value is called. */
  missing?: string;
}

/**
 * Groups with bars and numbers: a plot that is its own table. A name is a button that narrows the
 * page down to it.
 */
export function GroupTable(props: GroupTableProps) {
  const { caption, dimension, answer, bar, columns, most = 8, missing } = props;
  const { product, view } = usePage();
  const [isWhole, setIsWhole] = useState(false);
  const rows = ordered(rowsOf(answer), dimension, props.order ?? "size");
  const shown = isWhole ? rows : rows.slice(0, most);
  const largest =
    bar?.most ?? Math.max(0, ...rows.map((row) => (bar && numberIn(row, bar.measure)) || 0));
  const unit = dimensionOf(product, dimension)?.unit;
  const canFilter = dimensionOf(product, dimension) !== undefined;

  return (
    <>
      <table class="group-table">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">{labelOf(dimension)}</span>
            </th>
            {columns.map(({ label, isWide, isDropped }) => (
              <th
                key={label}
                scope="col"
                class={`${isWide ? "wide" : "number"} ${isDropped ? "dropped" : ""}`}
              >
                {isWide ? <span class="visually-hidden">{label}</span> : label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => {
            const value = row[dimension] ?? null;
            const name = value === null && missing ? missing : formatValue(value, dimension, unit);
            const isFolded = value === "other" || value === null;
            const isChosen = view.where[dimension]?.includes(String(value)) === true;
            const size = (bar && numberIn(row, bar.measure)) || 0;
            return (
              <tr key={String(value)} class={isFolded ? "folded" : ""}>
                <th scope="row">
                  {bar && <Bar share={largest === 0 ? 0 : size / largest} tone={bar.tone} />}
                  {canFilter && !isFolded ? (
                    <button
                      type="button"
                      class="group-name"
                      title={isChosen ? `${name}: show all again` : `Only ${name}`}
                      aria-pressed={isChosen}
                      onClick={() => setWhere(dimension, isChosen ? [] : [String(value)])}
                    >
                      {name}
                    </button>
                  ) : (
                    <span class="group-name">{name}</span>
                  )}
                </th>
                {columns.map(({ label, cell, isWide, isDropped }) => (
                  <td
                    key={label}
                    class={`${isWide ? "wide" : "number"} ${isDropped ? "dropped" : ""}`}
                  >
                    {typeof cell === "function" ? (
                      cell(row)
                    ) : (
                      <Figure answer={answer} row={row} name={cell} />
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {rows.length > most && (
        <button type="button" class="button quiet more" onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `Show all ${rows.length}`}
        </button>
      )}
    </>
  );
}

function Bar({ share, tone }: { share: number; tone: "bad" | undefined }) {
  return (
    <span class={`group-bar ${tone ?? ""}`} style={{ width: `${(share * 100).toFixed(1)}%` }} />
  );
}

/** A measure's value, with ≈ where it is approximate. */
export function Figure({
  answer,
  row,
  name,
}: {
  answer: QueryAnswer;
  row: Row | undefined;
  name: string;
}) {
  const value = numberIn(row, name);
  const column = columnOf(answer, name);
  if (value === null) return <>{nothing}</>;
  return (
    <span data-value={value}>
      {column?.isApproximate && (
        <span class="about" title="Approximate, within 3 %">
          ≈{" "}
        </span>
      )}
      {formatNumber(value, column?.unit)}
    </span>
  );
}

/** A part of the sum over all groups. */
export function shareOfSum(answer: QueryAnswer, measure: string): (row: Row) => string {
  const sum = rowsOf(answer).reduce((total, row) => total + (numberIn(row, measure) ?? 0), 0);
  return (row) => (sum === 0 ? nothing : formatShare((numberIn(row, measure) ?? 0) / sum));
}

function ordered(rows: Row[], dimension: string, order: "size" | "value" | "versions"): Row[] {
  if (order === "size") return last(rows);
  const compare =
    order === "versions"
      ? (a: Row, b: Row) => compareVersions(String(b[dimension]), String(a[dimension]))
      : (a: Row, b: Row) => Number(a[dimension]) - Number(b[dimension]);
  const isValue = (row: Row) => row[dimension] !== null && row[dimension] !== "other";
  return last([...rows.filter(isValue).sort(compare), ...rows.filter((row) => !isValue(row))]);
}

/** What was folded, and what was not stated, stand below whatever has a name. */
function last(rows: Row[]): Row[] {
  const isFolded = (row: Row) => Object.values(row).includes("other");
  return [...rows.filter((row) => !isFolded(row)), ...rows.filter(isFolded)];
}
