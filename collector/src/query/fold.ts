import { type Filter, isGroupSafe, type Part } from "./k.ts";

/** Which groups of an answer are shown, and which are folded into `other`. */

export interface Group {
  /** Its values, as text. */
  values: readonly string[];
  /** Inside of the filters. */
  events: number;
  isSafe: boolean;
}

export interface Folding {
  shown: Group[];
  hidden: Group[];
}

export const OTHER = "other";

export function groupsOf(parts: readonly Part[], filters: readonly Filter[], k: number): Group[] {
  const byName = new Map<string, Part[]>();
  for (const part of parts) {
    const name = nameOf(part.group);
    const its = byName.get(name);
    if (its) {
      its.push(part);
    } else {
      byName.set(name, [part]);
    }
  }
  const groups = [...byName.values()].map((its): Group => {
    const inside = its.filter(({ within }) => within.every((value) => value > 0));
    return {
      values: (its[0] as Part).group,
      events: inside.reduce((sum, { events }) => sum + events, 0),
      isSafe: isGroupSafe(its, filters, k),
    };
  });
  return groups.filter(({ events }) => events > 0).sort(byEvents);
}

/** The largest first; the same order for the same data, whatever was asked. */
function byEvents(a: Group, b: Group): number {
  return b.events - a.events || (nameOf(a.values) < nameOf(b.values) ? -1 : 1);
}

export function nameOf(values: readonly string[]): string {
  return values.join("\u001f");
}

/**
 * Names of groups that the same question with fewer filters may fold: were one of them shown here, the
 * other question's `other` less this one would be what it hides. Errs to the safe side.
 */
export function foldedWithout(
  parts: readonly Part[],
  filters: readonly Filter[],
  k: number,
): Set<string> {
  const names = new Set<string>();
  for (const left of subsets(filters.length)) {
    if (left.length === filters.length) {
      continue;
    }
    // As if the others weren't there.
    const its = parts.map((part) => ({
      ...part,
      within: left.map((index) => part.within[index] as number),
    }));
    const groups = groupsOf(
      its,
      left.map((index) => filters[index] as Filter),
      k,
    );
    const safe = groups.filter(({ isSafe, values }) => isSafe && !isOther(values));
    const unsafe = groups.filter((group) => !safe.includes(group));
    const smallest = safe.at(-1);
    if (unsafe.some(({ isSafe }) => !isSafe)) {
      for (const { values } of [...unsafe, ...(smallest ? [smallest] : [])]) {
        names.add(nameOf(values));
      }
    }
  }
  return names;
}

function subsets(length: number): number[][] {
  const all: number[][] = [[]];
  for (let index = 0; index < length; index += 1) {
    all.push(...all.map((subset) => [...subset, index]));
  }
  return all;
}

/**
 * Groups of one dimension, or of one line of two.
 * @param behindHidden how many stand behind some groups together.
 * @param isFolded those that are hidden whoever stands behind them.
 */
export async function foldLine(
  groups: readonly Group[],
  limit: number,
  k: number,
  behindHidden: (hidden: readonly Group[]) => Promise<number>,
  isFolded: (group: Group) => boolean = () => false,
): Promise<Folding> {
  const safe = groups.filter((group) => group.isSafe && !isOther(group.values) && !isFolded(group));
  const shown = safe.slice(0, limit);
  const hidden = groups.filter((group) => !shown.includes(group));
  const [only] = hidden;
  const isOwnOther = hidden.length === 1 && isAlone(only, isFolded);
  if (hidden.length === 0 || isOwnOther) {
    return { shown, hidden };
  }
  while (shown.length > 0 && (hidden.length < 2 || (await behindHidden(hidden)) < k)) {
    // The smallest that can be shown hides those that can't.
    hidden.push(shown.pop() as Group);
  }
  return { shown, hidden };
}

/** What was sent as `other`, with nothing to hide in it. */
function isAlone(group: Group | undefined, isFolded: (group: Group) => boolean): boolean {
  return group?.isSafe === true && isOther(group.values) && !isFolded(group);
}

/**
 * How many stand behind some groups together, for `foldLine`. With filters they are held against the
 * same groups without them, as each group is.
 * @param count asks for it.
 */
export function behindOfHidden(
  parts: readonly Part[],
  filters: readonly Filter[],
  k: number,
  count: (hidden: readonly Group[]) => Promise<number>,
) {
  return async (hidden: readonly Group[]): Promise<number> => {
    if (filters.every(({ isOutcome }) => isOutcome)) {
      return hidden.some(({ isSafe }) => isSafe) ? k : count(hidden);
    }
    const names = new Set(hidden.map(({ values }) => nameOf(values)));
    const its = parts.filter(({ group }) => names.has(nameOf(group)));
    return isGroupSafe(its, filters, k) ? k : 0;
  };
}

/** What a client has sent as `other`, or what is left of it. */
function isOther(values: readonly string[]): boolean {
  return values.at(-1) === OTHER;
}

/** A list's groups overlap, so none is the rest of another; but all without one are a group, too. */
export function foldMany(
  groups: readonly (Group & { people: number })[],
  whole: { events: number; people: number },
  limit: number,
  k: number,
): Folding {
  const isApart = ({ events, people }: { events: number; people: number }) =>
    events === whole.events || whole.people - people >= k;
  const safe = groups.filter((group) => group.isSafe && isApart(group));
  const shown = safe.slice(0, limit);
  return { shown, hidden: groups.filter((group) => !shown.includes(group as never)) };
}

/** Two dimensions: a line for each value of the first. Repeats itself until nothing is left bare. */
export function foldColumns(lines: readonly Folding[]): void {
  const isShownIn = (line: Folding, column: string) =>
    line.shown.find(({ values }) => values[1] === column);
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    const columns = new Set(lines.flatMap(({ hidden }) => hidden.map(({ values }) => values[1])));
    for (const column of columns as Set<string>) {
      const hidden = lines.flatMap((line) =>
        line.hidden.filter(({ values }) => values[1] === column),
      );
      const isBare = hidden.length > 0 && !hidden.some(({ isSafe }) => isSafe);
      const candidates = lines.flatMap((line) => {
        const group = isShownIn(line, column);
        return group ? [{ line, group }] : [];
      });
      const smallest = candidates.sort((a, b) => a.group.events - b.group.events)[0];
      if (isBare && smallest) {
        hide(smallest.line, smallest.group);
        isChanged = true;
      }
    }
    for (const line of lines) {
      const last = line.shown.at(-1);
      const isBare = line.hidden.length === 1 && !isOther(line.hidden[0]?.values ?? []);
      if (isBare && last) {
        hide(line, last);
        isChanged = true;
      }
    }
  }
}

function hide(line: Folding, group: Group): void {
  line.shown.splice(line.shown.indexOf(group), 1);
  line.hidden.push(group);
}
