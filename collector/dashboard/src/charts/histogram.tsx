import { useState } from "preact/hooks";
import { Cursor } from "./cursor.tsx";
import { Legend } from "./legend.tsx";
import { linear, logarithmic, logarithmicTicks, ticksTo } from "./scale.ts";
import { useWidth } from "./use-width.ts";

export interface Bin {
  from: number;
  upTo: number;
  count: number;
}

export interface HistogramProps {
  label: string;
  groups: readonly { name: string; tone: string; bins: readonly Bin[] }[];
  format: (value: number) => string;
  height?: number;
  /** Bins of whole numbers: `3`, `4 to 5`. */
  isWhole?: boolean;
}

const margin = { left: 44, right: 12, top: 8, bottom: 24 };

/**
 * How a number is spread, over a logarithmic axis. One group is bars, several are outlines over each
 * other; each as shares of its own whole, so that a small one can be held against a large one.
 */
export function Histogram({ label, groups, format, isWhole, height = 220 }: HistogramProps) {
  const [figure, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const bins = groups[0]?.bins ?? [];
  const first = bins[0]?.from ?? 1;
  const last = bins.at(-1)?.upTo ?? 10;
  const shares = groups.map(({ bins: own }) => {
    const sum = own.reduce((total, { count }) => total + count, 0);
    return own.map(({ count }) => (sum === 0 ? 0 : count / sum));
  });
  const ticks = ticksTo(Math.max(0.01, ...shares.flat()), 3);
  const x = logarithmic(
    [Math.max(first, 0.5), last],
    [margin.left, Math.max(width - margin.right, 1)],
  );
  const left = (i: number) => x(Math.max(bins[i]?.from ?? first, 0.5));
  const right = (i: number) => x(bins[i]?.upTo ?? last);
  const y = linear([0, ticks.at(-1) ?? 1], [height - margin.bottom, margin.top]);
  const shareAt = (group: number, i: number) =>
    `${((shares[group]?.[i] ?? 0) * 100).toFixed(1)}\u202f%`;
  const span = (i: number) => {
    const { from, upTo } = bins[i] ?? { from: 0, upTo: 0 };
    if (!isWhole) return `${format(from)} to ${format(upTo)}`;
    return upTo - from <= 1 ? format(from) : `${format(from)} to ${format(upTo - 1)}`;
  };
  const most = shares[0]?.indexOf(Math.max(...(shares[0] ?? [0]))) ?? 0;
  const shown = at ?? most;
  const outline = (group: number) =>
    `M${left(0)},${y(0)}${bins
      .map((_, i) => {
        const height = y(shares[group]?.[i] ?? 0).toFixed(1);
        return `L${left(i).toFixed(1)},${height}L${right(i).toFixed(1)},${height}`;
      })
      .join("")}L${right(bins.length - 1)},${y(0)}`;
  let lastNamed = -Infinity;
  const named = logarithmicTicks(Math.max(first, 0.5), last).filter((tick) => {
    const place = x(tick);
    if (place - lastNamed < 56 || place > width - margin.right - 8) return false;
    lastNamed = place;
    return true;
  });

  return (
    <div class="plot">
      <Legend
        place={span(shown)}
        items={groups.map(({ name, tone }, group) => ({
          name,
          tone,
          value: shareAt(group, shown),
        }))}
      />
      <div ref={figure} class="plot-figure">
        <Cursor
          label={label}
          count={bins.length}
          at={at}
          textAt={(i) =>
            [span(i), ...groups.map(({ name }, group) => `${name} ${shareAt(group, i)}`)].join(", ")
          }
          indexAt={(px) => bins.findLastIndex((_, i) => left(i) <= px)}
          onMove={setAt}
        >
          <svg width={width} height={height} aria-hidden="true">
            {ticks.map((tick) => (
              <g key={tick} class="tick">
                <line x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} />
                <text x={margin.left - 10} y={y(tick)} dy="0.32em" text-anchor="end">
                  {Number((tick * 100).toFixed(2))}%
                </text>
              </g>
            ))}
            {groups.length === 1 &&
              bins.map(({ from }, i) => (
                <rect
                  key={from}
                  class={`bar ${groups[0]?.tone} ${at === i ? "pointed" : ""}`}
                  x={left(i) + 0.5}
                  width={Math.max(0.5, right(i) - left(i) - 1)}
                  y={y(shares[0]?.[i] ?? 0)}
                  height={Math.max(0, y(0) - y(shares[0]?.[i] ?? 0))}
                  rx={1}
                />
              ))}
            {groups.length > 1 &&
              groups.map(({ name, tone }, group) => (
                <g key={name} class={`line area ${tone}`}>
                  <path class="fill" d={`${outline(group)}Z`} />
                  <path class="stroke" d={outline(group)} />
                </g>
              ))}
            {named.map((tick) => (
              <text key={tick} class="place" x={x(tick)} y={height - 6} text-anchor="middle">
                {format(tick)}
              </text>
            ))}
            {at !== null && groups.length > 1 && (
              <line
                class="crosshair"
                x1={(left(at) + right(at)) / 2}
                x2={(left(at) + right(at)) / 2}
                y1={margin.top}
                y2={height - margin.bottom}
              />
            )}
          </svg>
        </Cursor>
      </div>
    </div>
  );
}

/** The same bins between whole numbers; those that hold none are left out. */
export function wholeBins(bins: readonly Bin[]): Bin[] {
  return bins
    .map(({ from, upTo, count }) => ({ from: Math.ceil(from), upTo: Math.ceil(upTo), count }))
    .filter(({ from, upTo }) => upTo > from);
}
