import { useState } from "preact/hooks";
import { Cursor } from "./cursor.tsx";
import { Legend } from "./legend.tsx";
import { linear, thin } from "./scale.ts";
import { useWidth } from "./use-width.ts";

export interface StackChartProps {
  label: string;
  places: readonly string[];
  /** From the bottom up; the values of one place add up to 1. */
  layers: readonly { name: string; tone: string; shares: readonly number[] }[];
  formatPlace: (place: string) => string;
  formatLongPlace: (place: string) => string;
  format: (value: number) => string;
}

const height = 264;
const margin = { left: 44, right: 12, top: 8, bottom: 24 };

/** Shares of a whole over time. */
export function StackChart(props: StackChartProps) {
  const { label, places, layers, format } = props;
  const [figure, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const x = linear(
    [0, Math.max(1, places.length - 1)],
    [margin.left, Math.max(width - margin.right, 1)],
  );
  const y = linear([0, 1], [height - margin.bottom, margin.top]);
  const shown = at ?? places.length - 1;
  const named = thin(
    places.map((_, i) => i),
    Math.floor(width / 84),
  );

  const below = places.map(() => 0);
  const areas = layers.map(({ name, tone, shares }) => {
    const lower = [...below];
    shares.forEach((share, i) => {
      below[i] = (below[i] ?? 0) + share;
    });
    const point = (value: number, i: number) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`;
    const upper = below.map(point);
    const path = `M${[...upper, ...lower.map(point).reverse()].join("L")}Z`;
    return { name, tone, path };
  });

  return (
    <div class="plot">
      <Legend
        place={props.formatLongPlace(places[shown] ?? "")}
        items={[...layers].reverse().map(({ name, tone, shares }) => ({
          name,
          tone,
          value: format(shares[shown] ?? 0),
        }))}
      />
      <div ref={figure} class="plot-figure">
        <Cursor
          label={label}
          count={places.length}
          at={at}
          textAt={(i) =>
            [
              props.formatLongPlace(places[i] ?? ""),
              ...[...layers]
                .reverse()
                .map(({ name, shares }) => `${name} ${format(shares[i] ?? 0)}`),
            ].join(", ")
          }
          indexAt={(px) => Math.round((px - x(0)) / Math.max(1, x(1) - x(0)))}
          onMove={setAt}
        >
          <svg width={width} height={height} aria-hidden="true">
            {areas.map(({ name, tone, path }) => (
              <path key={name} class={`layer ${tone}`} d={path} />
            ))}
            {[0, 0.5, 1].map((tick) => (
              <g key={tick} class="tick over">
                <line x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} />
                <text x={margin.left - 10} y={y(tick)} dy="0.32em" text-anchor="end">
                  {tick * 100}%
                </text>
              </g>
            ))}
            {named.map((i) => (
              <text
                key={i}
                class="place"
                x={x(i)}
                y={height - 6}
                text-anchor={i === places.length - 1 ? "end" : i === 0 ? "start" : "middle"}
              >
                {props.formatPlace(places[i] ?? "")}
              </text>
            ))}
            {at !== null && (
              <line
                class="crosshair"
                x1={x(at)}
                x2={x(at)}
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
