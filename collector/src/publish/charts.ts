import type { Row } from "./numbers.ts";
import { escaped } from "./words.ts";

/** SVG as text: no script, no inline style. */

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 64;
const BOTTOM = 28;

/** A line over weeks, with its area; a second one dashed. */
export function lines(
  rows: readonly Row[],
  names: readonly string[],
  format: (value: number) => string,
  label: string,
): string {
  const numbers = names.map((name) => rows.map((row) => Number(row[name] ?? 0)));
  const top = niceTop(Math.max(1, ...numbers.flat()));
  const x = (index: number) => LEFT + (index / Math.max(1, rows.length - 1)) * (WIDTH - LEFT - 14);
  const y = (value: number) => 12 + (1 - value / top) * (HEIGHT - BOTTOM - 12);
  const ticks = [0, 0.5, 1].map((part) => {
    const at = y(top * part).toFixed(1);
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${at}" y2="${at}"/><text class="tick end" x="${LEFT - 10}" y="${Number(at) + 4}">${escaped(format(top * part))}</text>`;
  });
  const paths = numbers.map((values, series) => {
    const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
    const area =
      series === 0
        ? `<polygon class="area" points="${LEFT},${y(0)} ${points.join(" ")} ${x(values.length - 1).toFixed(1)},${y(0)}"/>`
        : "";
    return `${area}<polyline class="line line-${series}" points="${points.join(" ")}"/>`;
  });
  const weeks = rows.flatMap((row, index) =>
    index % 3 === 0 || index === rows.length - 1
      ? [
          `<text class="tick ${index === 0 ? "" : index === rows.length - 1 ? "end" : "middle"}" x="${x(index).toFixed(1)}" y="${HEIGHT - 6}">${weekName(String(row.week))}</text>`,
        ]
      : [],
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(label)}">${ticks.join("")}${paths.join("")}${weeks.join("")}</svg>`;
}

function weekName(week: string): string {
  const options = { day: "numeric", month: "short", timeZone: "UTC" } as const;
  return new Date(week).toLocaleDateString("en-GB", options);
}

function niceTop(value: number): number {
  const size = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 3, 4, 5, 8, 10].find((step) => step * size >= value) ?? 10) * size;
}

/** A part of 1, as a bar behind a name. */
export function bar(part: number): string {
  const width = Math.max(0.5, Math.min(100, part * 100)).toFixed(1);
  return `<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="100" height="6" rx="1"/><rect class="part" width="${width}" height="6" rx="1"/></svg>`;
}
