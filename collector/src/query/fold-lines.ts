import { type Folding, foldColumns, foldLine, type Group } from "./fold.ts";

/** Two dimensions: a table with a line for each value of the first. */
export interface FoldedTable {
  lines: Line[];
  /** Lines that are one group together: `other` of both. */
  rest: string[];
  isRestShown: boolean;
}

export interface Line extends Folding {
  value: string;
  /** Whether what is hidden of it has a group of its own. */
  hasOther: boolean;
}

type Behind = (hidden: readonly Group[]) => Promise<number>;

export async function foldLines(
  groups: readonly Group[],
  limit: number,
  k: number,
  behindHidden: Behind,
): Promise<FoldedTable> {
  const byLine = new Map<string, Group[]>();
  for (const group of groups) {
    const value = group.values[0] as string;
    byLine.set(value, [...(byLine.get(value) ?? []), group]);
  }
  const lines: Line[] = [];
  for (const [value, its] of byLine) {
    const folding = await foldLine(its, its.length, k, behindHidden);
    lines.push({ value, hasOther: false, ...folding });
  }
  limitCells(lines, limit);
  foldColumns(lines);
  for (const line of lines) {
    line.hasOther = line.hidden.length > 0 && (await isEnough(line.hidden, k, behindHidden));
  }
  return { lines, ...(await restOf(lines, k, behindHidden)) };
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

/** Lines with too few behind them are one group; the smallest others join until there are enough. */
async function restOf(lines: Line[], k: number, behindHidden: Behind) {
  const isBare = (line: Line) => line.hidden.length > 0 && !line.hasOther;
  const rest = lines.filter(isBare);
  const others = lines.filter((line) => !isBare(line)).sort((a, b) => eventsOf(a) - eventsOf(b));
  const hidden = () => rest.flatMap((line) => line.hidden);
  let isRestShown = rest.length > 1 && (await isEnough(hidden(), k, behindHidden));
  while (rest.length > 0 && !isRestShown) {
    const line = others.shift();
    if (!line) {
      break;
    }
    line.hidden.push(...line.shown.splice(0));
    line.hasOther = false;
    rest.push(line);
    isRestShown = await isEnough(hidden(), k, behindHidden);
  }
  return { rest: rest.map(({ value }) => value), isRestShown };
}

async function isEnough(hidden: readonly Group[], k: number, behindHidden: Behind) {
  return hidden.some(({ isSafe }) => isSafe) || (await behindHidden(hidden)) >= k;
}

function eventsOf({ shown, hidden }: Line): number {
  return [...shown, ...hidden].reduce((sum, { events }) => sum + events, 0);
}
