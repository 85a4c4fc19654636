import { useState } from "preact/hooks";
import { formatShortShare } from "../format.ts";
import { Cursor } from "./cursor.tsx";
import { Legend } from "./legend.tsx";
import { linear, logarithmic, logarithmicTicks, type Scale, ticksTo } from "./scale.ts";
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
  const x = placesOf(bins, isWhole === true, [margin.left, Math.max(width - margin.right, 1)]);
  const left = (i: number) => x(i);
  const right = (i: number) => x(i + 1);
  const widths = bins.map((_, i) => right(i) - left(i));
  const narrowest = Math.max(Math.min(...widths), 1e-6);
  const isEven = widths.every((one) => one < narrowest * 1.02);
  const shares = groups.map(({ bins: own }) => {
    const sum = own.reduce((total, { count }) => total + count, 0);
    return own.map(({ count }) => (sum === 0 ? 0 : count / sum));
  });
  // A wide bin holds more because it is wide: what is drawn is how dense it is.
  const heights = shares.map((own) =>
    own.map((share, i) => (share * narrowest) / (widths[i] || narrowest)),
  );
  const ticks = ticksTo(Math.max(0.01, ...heights.flat()), 3);
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
        const at = y(heights[group]?.[i] ?? 0).toFixed(1);
        return `L${left(i).toFixed(1)},${at}L${right(i).toFixed(1)},${at}`;
      })
      .join("")}L${right(bins.length - 1)},${y(0)}`;
  const named = spaced(
    isWhole
      ? bins.map((_, i) => ({ at: (left(i) + right(i)) / 2, text: span(i) }))
      : axisOf(bins).map((tick) => ({ at: placeOf(tick, bins, x), text: format(tick) })),
    width - margin.right - 8,
  );

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
                {isEven && (
                  <text x={margin.left - 10} y={y(tick)} dy="0.32em" text-anchor="end">
                    {formatShortShare(tick)}
                  </text>
                )}
              </g>
            ))}
            {groups.length === 1 &&
              bins.map(({ from }, i) => (
                <rect
                  key={from}
                  class={`bar ${groups[0]?.tone} ${at === i ? "pointed" : ""}`}
                  x={left(i) + 0.5}
                  width={Math.max(0.5, right(i) - left(i) - 1)}
                  y={y(heights[0]?.[i] ?? 0)}
                  height={Math.max(0, y(0) - y(heights[0]?.[i] ?? 0))}
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
            {named.map(({ at: place, text }) => (
              <text key={text} class="place" x={place} y={height - 6} text-anchor="middle">
                {text}
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

/** Where bins begin: those of whole numbers side by side, others by the logarithm of their edges. */
function placesOf(bins: readonly Bin[], isWhole: boolean, range: [number, number]): Scale {
  if (isWhole) return linear([0, Math.max(1, bins.length)], range);
  const edges = [...bins.map(({ from }) => from), bins.at(-1)?.upTo ?? 2].map(positive);
  const scale = logarithmic([edges[0] ?? 1, edges.at(-1) ?? 2], range);
  return (i) => scale(edges[i] ?? 1);
}

/** A logarithm has no place for 0. */
function positive(edge: number): number {
  return Math.max(edge, 0.5);
}

function axisOf(bins: readonly Bin[]): number[] {
  return logarithmicTicks(positive(bins[0]?.from ?? 1), bins.at(-1)?.upTo ?? 2);
}

function placeOf(tick: number, bins: readonly Bin[], x: Scale): number {
  const ends: [number, number] = [positive(bins[0]?.from ?? 1), bins.at(-1)?.upTo ?? 2];
  return logarithmic(ends, [x(0), x(bins.length)])(tick);
}

/** Those that have room. */
function spaced<T extends { at: number; text: string }>(labels: readonly T[], end: number): T[] {
  let free = 0;
  return labels.filter(({ at, text }) => {
    const half = text.length * 3.2 + 6;
    if (at - half < free || at + half > end + 20) return false;
    free = at + half;
    return true;
  });
}

/** The same bins between whole numbers; those that hold none are left out. */
export function wholeBins(bins: readonly Bin[]): Bin[] {
  return bins
    .map(({ from, upTo, count }) => ({ from: Math.ceil(from), upTo: Math.ceil(upTo), count }))
    .filter(({ from, upTo }) => upTo > from);
}
