import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Cursor } from "./cursor.tsx";
import { Legend, type LegendItem } from "./legend.tsx";
import { linear, type Scale, thin } from "./scale.ts";
import { useWidth } from "./use-width.ts";

export interface OverTimeProps {
  label: string;
  /** One a day, week or month. */
  places: readonly string[];
  formatPlace: (place: string) => string;
  formatLongPlace: (place: string) => string;
  height: number;
  margin: { top: number; right: number; bottom: number; left: number };
  /** What is said of a place, in the legend and to a screen reader. */
  itemsAt: (index: number) => readonly LegendItem[];
  /** @param x from a place's number to pixels. @param right where the plot ends. */
  draw: (x: Scale, right: number) => ComponentChildren;
  /** Over it, where the cursor is. */
  drawAt?: (index: number, x: Scale) => ComponentChildren;
}

/** The frame of a plot over time: legend, cursor, and the names of some of its places. */
export function OverTime(props: OverTimeProps) {
  const { label, places, formatLongPlace, height, margin, itemsAt } = props;
  const [figure, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const last = places.length - 1;
  const right = width - margin.right;
  const x = linear([0, Math.max(1, last)], [margin.left, Math.max(right, 1)]);
  const shown = at ?? last;
  const named = thin(
    places.map((_, i) => i),
    Math.floor(width / 84),
  );

  return (
    <div class="plot">
      <Legend place={formatLongPlace(places[shown] ?? "")} items={itemsAt(shown)} />
      <div ref={figure} class="plot-figure">
        <Cursor
          label={label}
          count={places.length}
          at={at}
          textAt={(i) =>
            [
              formatLongPlace(places[i] ?? ""),
              ...itemsAt(i).map(({ name, value }) => `${name} ${value}`),
            ].join(", ")
          }
          indexAt={(px) => Math.round((px - x(0)) / Math.max(1, x(1) - x(0)))}
          onMove={setAt}
        >
          <svg width={width} height={height} aria-hidden="true">
            {props.draw(x, right)}
            {named.map((i) => (
              <text
                key={i}
                class="place"
                x={x(i)}
                y={height - 6}
                text-anchor={i === last ? "end" : i === 0 ? "start" : "middle"}
              >
                {props.formatPlace(places[i] ?? "")}
              </text>
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
                {props.drawAt?.(at, x)}
              </g>
            )}
          </svg>
        </Cursor>
      </div>
    </div>
  );
}
