import { OverTime, type OverTimeProps } from "./over-time.tsx";
import { linear, type Scale } from "./scale.ts";

export interface StackChartProps
  extends Pick<OverTimeProps, "label" | "places" | "formatPlace" | "formatLongPlace"> {
  /** From the bottom up; the values of one place add up to 1. */
  layers: readonly { name: string; tone: string; shares: readonly number[] }[];
  format: (value: number) => string;
}

const height = 264;
const margin = { left: 44, right: 12, top: 8, bottom: 24 };

/** Shares of a whole over time. */
export function StackChart({ layers, format, ...frame }: StackChartProps) {
  const y = linear([0, 1], [height - margin.bottom, margin.top]);
  const areasOf = (x: Scale) => {
    const below = frame.places.map(() => 0);
    return layers.map(({ name, tone, shares }) => {
      const lower = [...below];
      shares.forEach((share, i) => {
        below[i] = (below[i] ?? 0) + share;
      });
      const point = (value: number, i: number) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`;
      const upper = below.map(point);
      return { name, tone, path: `M${[...upper, ...lower.map(point).reverse()].join("L")}Z` };
    });
  };

  return (
    <OverTime
      {...frame}
      height={height}
      margin={margin}
      itemsAt={(i) =>
        [...layers].reverse().map(({ name, tone, shares }) => ({
          ...{ name, tone },
          value: format(shares[i] ?? 0),
        }))
      }
      draw={(x, right) => (
        <>
          {areasOf(x).map(({ name, tone, path }) => (
            <path key={name} class={`layer ${tone}`} d={path} />
          ))}
          {[0, 0.5, 1].map((tick) => (
            <g key={tick} class="tick over">
              <line x1={margin.left} x2={right} y1={y(tick)} y2={y(tick)} />
              <text x={margin.left - 10} y={y(tick)} dy="0.32em" text-anchor="end">
                {tick * 100}%
              </text>
            </g>
          ))}
        </>
      )}
    />
  );
}
