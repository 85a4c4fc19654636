import type { Column, QueryAnswer } from "../../../src/query/api.ts";
import type { Cell } from "../data/table.ts";
import { formatLongDay, formatNumber, formatValue, labelOf, nothing } from "../format.ts";
import { dimensionOf, usePage } from "./context.ts";

/** An answer as it came: the table behind a plot. */
export function DataTable({ caption, answer }: { caption: string; answer: QueryAnswer }) {
  const { product } = usePage();
  const isTime = ["day", "week", "month"].includes(answer.columns[0]?.name ?? "");
  const rows = isTime
    ? [...answer.rows].sort((a, b) => String(b[0]).localeCompare(String(a[0])))
    : answer.rows;

  function shown(value: Cell, { kind, name, unit, isApproximate }: Column): string {
    if (kind === "dimension") {
      if (["day", "week", "month"].includes(name) && value !== "other")
        return formatLongDay(String(value));
      return formatValue(value, name, dimensionOf(product, name)?.unit);
    }
    if (typeof value !== "number") return nothing;
    return `${isApproximate ? "≈\u202f" : ""}${formatNumber(value, unit)}`;
  }

  return (
    // Reachable by keyboard, since it scrolls.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the reason above.
    <section class="data-table" tabIndex={0} aria-label={`${caption}, table`}>
      <table>
        <thead>
          <tr>
            {answer.columns.map(({ name, kind }) => (
              <th key={name} scope="col" class={kind === "measure" ? "number" : ""}>
                {labelOf(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.slice(0, 2).join()}>
              {answer.columns.map((column, i) => (
                <td key={column.name} class={column.kind === "measure" ? "number" : ""}>
                  {shown(row[i] ?? null, column)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
