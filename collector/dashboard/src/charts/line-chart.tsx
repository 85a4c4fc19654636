import { useState } from "preact/hooks";
import { Cursor } from "./cursor.tsx";
import { Legend } from "./legend.tsx";
import { durationTicksTo, linear, thin, ticksTo } from "./scale.ts";
import { useWidth } from "./use-width.ts";

export interface Series {
  name: string;
  /** A class of charts.css: which colour. */
  tone: string;
  /** Null where there is no value: the line has a gap. */
  values: readonly (number | null)[];
  look?: "line" | "area" | "dashed";
}

export interface LineChartProps {
  label: string;
  /** One a place. */
  places: readonly string[];
  series: readonly Series[];
  formatPlace: (place: string) => string;
  formatLongPlace: (place: string) => string;
  format: (value: number) => string;
  formatTick: (value: number) => string;
  /** Durations have ticks of their own; shares end at 1 where they come near. */
  ticks?: "count" | "duration" | "share";
  /** The last place is not over yet: its line is dashed. */
  isLastOpen?: boolean;
  height?: number;
}

const margin = { top: 10, right: 12, bottom: 24 };

/** Lines over time from a common zero, with the values at the cursor in the legend. */
export function LineChart(props: LineChartProps) {
  const { label, places, series, format, ticks: ticksKind = "count", height = 248 } = props;
  const [figure, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);

  const most = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const ticks = ticksOf(most, ticksKind);
  const tickWidth = Math.max(...ticks.map((tick) => props.formatTick(tick).length)) * 6.6 + 12;
  const top = ticks.at(-1) ?? 1;
  const x = linear(
    [0, Math.max(1, places.length - 1)],
    [tickWidth, Math.max(width - margin.right, 1)],
  );
  const y = linear([0, top], [height - margin.bottom, margin.top]);
  const shown = at ?? places.length - 1;

  const textAt = (index: number) =>
    [
      props.formatLongPlace(places[index] ?? ""),
      ...series.map(({ name, values }) => `${name} ${said(values[index], format)}`),
    ].join(", ");
  const named = thin(
    places.map((_, i) => i),
    Math.floor(width / 84),
  );

  return (
    <div class="plot">
      <Legend
        place={props.formatLongPlace(places[shown] ?? "")}
        items={series.map(({ name, tone, look, values }) => ({
          name,
          tone,
          isDashed: look === "dashed",
          value: said(values[shown], format),
        }))}
      />
      <div ref={figure} class="plot-figure">
        <Cursor
          label={label}
          count={places.length}
          at={at}
          textAt={textAt}
          indexAt={(px) => Math.round((px - x(0)) / Math.max(1, x(1) - x(0)))}
          onMove={setAt}
        >
          <svg width={width} height={height} aria-hidden="true">
            {ticks.map((tick) => (
              <g key={tick} class="tick">
                <line x1={tickWidth} x2={width - margin.right} y1={y(tick)} y2={y(tick)} />
                <text x={tickWidth - 10} y={y(tick)} dy="0.32em" text-anchor="end">
                  {props.formatTick(tick)}
                </text>
              </g>
            ))}
            {named.map((i) => (
              <text
                key={i}
                class="place"
                x={x(i)}
                y={height - 6}
                text-anchor={anchor(i, places.length)}
              >
                {props.formatPlace(places[i] ?? "")}
              </text>
            ))}
            {[...series].reverse().map((one) => (
              <Line
                key={one.name}
                series={one}
                x={x}
                y={y}
                isLastOpen={props.isLastOpen === true}
              />
            ))}
            {at !== null && (
              <g>
                <line
                  class="crosshair"
                  x1={x(at)}
                  x2={x(at)}
                  y1={margin.top}
                  y2={height - margin.bottom}
                />
                {series.map(({ name, tone, values }) => {
                  const value = values[at];
                  return value === null || value === undefined ? null : (
                    <circle key={name} class={`dot ${tone}`} cx={x(at)} cy={y(value)} r={3.5} />
                  );
                })}
              </g>
            )}
          </svg>
        </Cursor>
      </div>
    </div>
  );
}

function ticksOf(most: number, kind: "count" | "duration" | "share"): number[] {
  if (kind === "share") return most > 0.5 ? [0, 0.25, 0.5, 0.75, 1] : ticksTo(Math.max(most, 0.01));
  return kind === "duration" ? durationTicksTo(most) : ticksTo(Math.max(most, 4));
}

function anchor(index: number, count: number): "start" | "middle" | "end" {
  if (index === count - 1) return "end";
  return index === 0 ? "start" : "middle";
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
