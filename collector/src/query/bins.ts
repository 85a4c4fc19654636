import { type Filter, isLeftSafe, type Part } from "./k.ts";

/**
 * Bins of a distribution. Their edges are the same for all data, four to a doubling, so that neither
 * end tells of one build; where too few stand behind some, they are one.
 */
const BINS_A_DOUBLING = 4;

/** Below 1 there is one bin. */
const LOWEST = -1;

/** Numbers are grouped by it: the bin's own number, null where there is no value. */
export function binSql(value: string, field: string): string {
  // Percentiles are of completed builds, and so is this.
  const isCounted = field === "duration" ? "success = true AND " : "";
  return `CASE WHEN ${isCounted}${value} >= 1
    THEN CAST(floor(log2(${value}) * ${BINS_A_DOUBLING}) AS INTEGER)
    WHEN ${isCounted}${value} >= 0 THEN ${LOWEST} END`;
}

function edge(bin: number): number {
  return bin === LOWEST ? 0 : 2 ** (bin / BINS_A_DOUBLING);
}

export interface BinPart extends Part {
  bin: number;
}

/** From `first` on, up to the next one's. */
export interface Bin {
  first: number;
  last: number;
}

/** A range of bins, and the two that it can be split into; null of one bin alone. */
export interface Scale extends Bin {
  halves: readonly [Scale, Scale] | null;
}

/**
 * A scale is split where half of the events lie on either side, and each half again. Its splits are
 * the same whatever the filters and groups, so that of any two questions' bins one is made of whole
 * ones of the other, or they have nothing in common.
 * @param events how many there are in each bin: of all places, without filters.
 */
export function scaleOf(events: ReadonlyMap<number, number>): Scale | undefined {
  const bins = [...events].filter(([, n]) => n > 0).sort(([a], [b]) => a - b);
  return bins.length === 0 ? undefined : split(bins);
}

function split(bins: readonly (readonly [bin: number, events: number])[]): Scale {
  const [first, last] = [(bins[0] as [number, number])[0], (bins.at(-1) as [number, number])[0]];
  if (bins.length === 1) return { first, last, halves: null };
  const sum = bins.reduce((all, [, n]) => all + n, 0);
  let [at, below] = [1, bins[0]?.[1] ?? 0];
  // Up to where one more would be further from the half than this.
  for (
    let n = bins[at]?.[1] ?? 0;
    at < bins.length - 1 && 2 * below + n <= sum;
    n = bins[at]?.[1] ?? 0
  ) {
    below += n;
    at += 1;
  }
  return { first, last, halves: [split(bins.slice(0, at)), split(bins.slice(at))] };
}

/**
 * The scale split, the widest first, as long as enough stand behind both halves, or nobody: then what
 * one bin has more than another that lies in it is of enough, too.
 * @param series parts that are shown apart, or that remain when those are taken away.
 * @param most so many bins at most.
 */
export function safeBins(
  scale: Scale,
  series: readonly (readonly BinPart[])[],
  { filters, k, most }: { filters: readonly Filter[]; k: number; most: number },
): Bin[] {
  const isEnough = ({ first, last }: Bin) =>
    series.every((parts) =>
      isLeftSafe(
        parts.filter(({ bin }) => bin >= first && bin <= last),
        filters,
        k,
      ),
    );
  if (!isEnough(scale)) return [];
  let bins = [scale];
  const whole = new Set<Scale>();
  while (bins.length < most) {
    const [widest] = bins
      .filter((bin) => bin.halves && !whole.has(bin))
      .sort((a, b) => b.last - b.first - (a.last - a.first));
    if (!widest) break;
    const halves = widest.halves ?? [];
    if (halves.every(isEnough)) bins = bins.flatMap((bin) => (bin === widest ? halves : [bin]));
    else whole.add(widest);
  }
  return bins;
}

export function edgesOf({ first, last }: Bin): { from: number; upTo: number } {
  return { from: edge(first), upTo: last === LOWEST ? 1 : edge(last + 1) };
}
