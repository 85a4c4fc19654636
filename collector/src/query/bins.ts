import { type Filter, isBinSafe, type Part } from "./k.ts";

/**
 * Bins of a distribution. Their edges are the same for all data, four to a doubling, so that neither
 * end tells of one build; neighbours are put together until enough stand behind each.
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

/** @param series parts that are shown apart, or that remain when those are taken away. */
export function safeBins(
  bins: readonly Bin[],
  series: readonly (readonly BinPart[])[],
  filters: readonly Filter[],
  k: number,
): Bin[] {
  const isEnough = ({ first, last }: Bin) =>
    series.every((parts) =>
      isBinSafe(
        parts.filter(({ bin }) => bin >= first && bin <= last),
        filters,
        k,
      ),
    );
  const safe: Bin[] = [];
  let open: Bin | undefined;
  for (const bin of bins) {
    open = { first: open?.first ?? bin.first, last: bin.last };
    if (isEnough(open)) {
      safe.push(open);
      open = undefined;
    }
  }
  // What is left is one with those before it; the last of them may be empty.
  while (open && safe.length > 0) {
    open = { first: (safe.pop() as Bin).first, last: open.last };
    if (isEnough(open)) {
      safe.push(open);
      open = undefined;
    }
  }
  return safe;
}

/** Every bin between the first and the last that has events. */
export function allBins(parts: readonly BinPart[]): Bin[] {
  const numbers = [...new Set(parts.map(({ bin }) => bin))].sort((a, b) => a - b);
  return numbers.map((bin) => ({ first: bin, last: bin }));
}

/** So many at most: neighbours together. */
export function atMost(bins: readonly Bin[], most: number): Bin[] {
  const size = Math.ceil(bins.length / most);
  const fewer: Bin[] = [];
  for (let at = 0; at < bins.length; at += size) {
    const some = bins.slice(at, at + size);
    fewer.push({ first: (some[0] as Bin).first, last: (some.at(-1) as Bin).last });
  }
  return fewer;
}

export function edgesOf({ first, last }: Bin): { from: number; upTo: number } {
  return { from: edge(first), upTo: last === LOWEST ? 1 : edge(last + 1) };
}
