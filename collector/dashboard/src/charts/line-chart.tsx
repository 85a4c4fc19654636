import { OverTime, type OverTimeProps } from "./over-time.tsx";
import { durationTicksTo, linear, type Scale, ticksTo } from "./scale.ts";

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
  const left = Math.max(...ticks.map((tick) => widthOf(formatTick(tick)))) + 12;
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

/** Of a label in pixels, about; a per cent sign is wider than a digit. */
function widthOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (letter === "%" ? 11 : 6.6), 0);
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
  x: Scale;
  y: Scale;
  isLastOpen: boolean;
}

function Line({ series: { tone, values, look = "line" }, x, y, isLastOpen }: LineProps) {
  const isOpen = isLastOpen && look !== "dashed" && values.length > 2;
  const closed = isOpen ? values.slice(0, -1) : values;
  const path = pathOf(closed, x, y);
  const bridge = isOpen ? pathOf(values.slice(-2), (i) => x(i + values.length - 2), y) : "";
  return (
    <g class={`line ${tone} ${look}`}>
      {look === "area" && <path class="fill" d={areaOf(values, x, y)} />}
      <path class="stroke" d={path} />
      {bridge !== "" && <path class="stroke open" d={bridge} />}
    </g>
  );
}

/** The values' points, without a gap in each run. */
function runsOf(values: readonly (number | null)[], x: Scale, y: Scale) {
  const runs: { x: number; y: number }[][] = [];
  values.forEach((value, i) => {
    if (value === null) return;
    const point = { x: x(i), y: y(value) };
    if (i > 0 && values[i - 1] !== null) runs.at(-1)?.push(point);
    else runs.push([point]);
  });
  return runs;
}

function pathOf(values: readonly (number | null)[], x: Scale, y: Scale): string {
  // One by itself is a dot, by its line's round ends.
  return runsOf(values, x, y)
    .map((run) => `M${joined(run)}${run.length === 1 ? "h0" : ""}`)
    .join("");
}

function areaOf(values: readonly (number | null)[], x: Scale, y: Scale): string {
  return runsOf(values, x, y)
    .map((run) => `M${joined(run)}V${y(0).toFixed(1)}H${run[0]?.x.toFixed(1)}Z`)
    .join("");
}

function joined(run: readonly { x: number; y: number }[]): string {
  return run.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join("L");
}
