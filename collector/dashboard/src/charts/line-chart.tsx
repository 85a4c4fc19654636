import { OverTime, type OverTimeProps } from "./over-time.tsx";
import { durationTicksTo, linear, ticksTo } from "./scale.ts";

export interface Series {
  name: string;
  /** A class of charts.css: which colour. */
  tone: string;
  /** Null where there is no value: the line has a gap. */
  values: readonly (number | null)[];
  look?: "line" | "area" | "dashed";
}

export interface LineChartProps
  extends Pick<OverTimeProps, "label" | "places" | "formatPlace" | "formatLongPlace"> {
  series: readonly Series[];
  format: (value: number) => string;
  formatTick: (value: number) => string;
  /** Durations have ticks of their own; shares end at 1 where they come near. */
  ticks?: "count" | "duration" | "share";
  /** The last place is not over yet: its line is dashed. */
  isLastOpen?: boolean;
  height?: number;
}

/** Lines over time from a common zero, with the values at the cursor in the legend. */
export function LineChart(props: LineChartProps) {
  const { series, format, formatTick, ticks: kind = "count", isLastOpen = false } = props;
  const { height = 248, ...frame } = props;
  const most = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const ticks = ticksOf(most, kind);
  const left = Math.max(...ticks.map((tick) => formatTick(tick).length)) * 6.6 + 12;
  const margin = { top: 10, right: 12, bottom: 24, left };
  const y = linear([0, ticks.at(-1) ?? 1], [height - margin.bottom, margin.top]);

  return (
    <OverTime
      {...frame}
      height={height}
      margin={margin}
      itemsAt={(i) =>
        series.map(({ name, tone, look, values }) => ({
          ...{ name, tone, isDashed: look === "dashed" },
          value: said(values[i], format),
        }))
      }
      draw={(x, right) => (
        <>
          {ticks.map((tick) => (
            <g key={tick} class="tick">
              <line x1={left} x2={right} y1={y(tick)} y2={y(tick)} />
              <text x={left - 10} y={y(tick)} dy="0.32em" text-anchor="end">
                {formatTick(tick)}
              </text>
            </g>
          ))}
          {[...series].reverse().map((one) => (
            <Line key={one.name} series={one} x={x} y={y} isLastOpen={isLastOpen} />
          ))}
        </>
      )}
      drawAt={(i, x) =>
        series.map(({ name, tone, values }) => {
          const value = values[i];
          return value === null || value === undefined ? null : (
            <circle key={name} class={`dot ${tone}`} cx={x(i)} cy={y(value)} r={3.5} />
          );
        })
      }
    />
  );
}

function ticksOf(most: number, kind: "count" | "duration" | "share"): number[] {
  if (kind === "share") return most > 0.5 ? [0, 0.25, 0.5, 0.75, 1] : ticksTo(Math.max(most, 0.01));
  return kind === "duration" ? durationTicksTo(most) : ticksTo(Math.max(most, 4));
}

function said(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}

interface LineProps {
  series: Series;
  x: (value: number) => number;
  y: (value: number) => number;
  isLastOpen: boolean;
}

function Line({ series: { tone, values, look = "line" }, x, y, isLastOpen }: LineProps) {
  const isOpen = isLastOpen && look !== "dashed" && values.length > 2;
  const closed = isOpen ? values.slice(0, -1) : values;
  const path = pathOf(closed, x, y);
  const bridge = isOpen ? pathOf(values.slice(-2), (i) => x(i + values.length - 2), y) : "";
  return (
    <g class={`line ${tone} ${look}`}>
      {look === "area" && path !== "" && (
        <path
          class="fill"
          d={`${pathOf(values, x, y)}L${x(lastKnown(values))},${y(0)}L${x(values.findIndex((v) => v !== null))},${y(0)}Z`}
        />
      )}
      <path class="stroke" d={path} />
      {bridge !== "" && <path class="stroke open" d={bridge} />}
    </g>
  );
}

function lastKnown(values: readonly (number | null)[]): number {
  return values.findLastIndex((value) => value !== null);
}

function pathOf(
  values: readonly (number | null)[],
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  let isDown = false;
  values.forEach((value, i) => {
    if (value !== null) path += `${isDown ? "L" : "M"}${x(i).toFixed(1)},${y(value).toFixed(1)}`;
    isDown = value !== null;
  });
  return path;
}
