import type { Bin } from "../charts/histogram.tsx";
import { formatCount, formatShare } from "../format.ts";

export interface BinTableProps {
  caption: string;
  groups: readonly { name: string; bins: readonly Bin[] }[];
  format: (value: number) => string;
}

/** The table behind a histogram: a row a bin. */
export function BinTable({ caption, groups, format }: BinTableProps) {
  const sums = groups.map(({ bins }) => bins.reduce((sum, { count }) => sum + count, 0));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard has to reach it.
    <section class="data-table" tabIndex={0} aria-label={`${caption}, table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To below</th>
            {groups.map(({ name }) => [
              <th key={name} scope="col" class="number">
                {name}
              </th>,
              <th key={`${name} share`} scope="col" class="number">
                Share
              </th>,
            ])}
          </tr>
        </thead>
        <tbody>
          {(groups[0]?.bins ?? []).map(({ from, upTo }, i) => (
            <tr key={from}>
              <td>{format(from)}</td>
              <td>{format(upTo)}</td>
              {groups.map(({ name, bins }, group) => {
                const count = bins[i]?.count ?? 0;
                return [
                  <td key={name} class="number">
                    {formatCount(count)}
                  </td>,
                  <td key={`${name} share`} class="number">
                    {formatShare(count / (sums[group] || 1))}
                  </td>,
                ];
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
