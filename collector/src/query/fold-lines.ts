import { type Folding, foldColumns, foldLine, type Group, OTHER } from "./fold.ts";

/** Two dimensions: a table with a line for each value of the first. */
export interface FoldedTable {
  lines: Line[];
  /** Lines that are one group together: `other` of both. */
  rest: Line[];
}

interface Line extends Folding {
  value: string;
}

export interface Sides {
  /** Groups by the first dimension alone, and by the second, folded as those questions are. */
  lines: Folding;
  columns: Folding;
}

type Behind = (hidden: readonly Group[]) => Promise<number>;

/**
 * What the questions by one dimension fold is folded here, too, so that no sum of theirs less one of
 * these is what they hide.
 */
export async function foldLines(
  groups: readonly Group[],
  { lines: byLine, columns: byColumn }: Sides,
  options: { limit: number; k: number; behindHidden: Behind; isFolded?: (group: Group) => boolean },
): Promise<FoldedTable> {
  const { limit, k, behindHidden, isFolded = () => false } = options;
  const cells = new Map<string, Group[]>();
  for (const group of groups) {
    const value = group.values[0] as string;
    const its = cells.get(value);
    if (its) {
      its.push(group);
    } else {
      cells.set(value, [group]);
    }
  }
  const hiddenLines = new Set(byLine.hidden.map(({ values }) => values[0] as string));
  const hiddenColumns = new Set(byColumn.hidden.map(({ values }) => values[0] as string));
  // What is alone in being hidden is `other` as it was sent.
  const isOwn = ({ hidden }: Folding) => hidden.length === 1 && hidden[0]?.values[0] === OTHER;
  if (isOwn(byColumn)) {
    hiddenColumns.clear();
  }
  const lines: Line[] = [];
  for (const [value, its] of cells) {
    const isHidden = hiddenLines.has(value);
    const folding = await foldLine(
      its,
      isHidden ? 0 : its.length,
      k,
      behindHidden,
      (group) => isFolded(group) || hiddenColumns.has(group.values[1] as string),
    );
    lines.push({ value, ...folding });
  }
  limitCells(lines, limit);
  foldColumns(lines);
  return {
    lines: lines.filter(({ value }) => !hiddenLines.has(value)),
    rest: lines.filter(({ value }) => hiddenLines.has(value)),
  };
}

/** The largest cells are shown. */
function limitCells(lines: readonly Line[], limit: number): void {
  const cells = lines.flatMap((line) => line.shown.map((group) => ({ line, group })));
  cells.sort((a, b) => b.group.events - a.group.events);
  for (const { line, group } of cells.slice(limit)) {
    line.shown.splice(line.shown.indexOf(group), 1);
    line.hidden.push(group);
  }
}
