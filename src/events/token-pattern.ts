/**
 * Can a token's pattern let through a path, an address or a sentence? Each of these has a character
 * that no token may hold: a slash, an at sign, white space. So each part of a pattern that stands
 * for a character is tried on those: what none of the parts takes, no match can contain.
 */
export function forbiddenMatch(pattern: RegExp): string | undefined {
  const parts = (pattern.source.match(part) ?? []).filter((source) => !syntax.test(source));
  const takers = parts.map((source) => new RegExp(`^${source}$`));
  return forbidden.find((character) => takers.some((taker) => taker.test(character)));
}

const spaces =
  "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009";
/** Halves of an emoji: what holds them is as long as readers of other languages see fit. */
const halves = ["\ud83d", "\ude00"];
const forbidden = [
  ...["/", "\\", "@", ...spaces, ..."\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"],
  ...halves,
];

/** A class, an escape with all that belongs to it, or any other character. */
const part = /\[(?:\\.|[^\]\\])*\]|\\(?:u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|c[A-Za-z]|[0-7]{1,3}|.)|./gs;

/** Groups, anchors and quantifiers stand for no character themselves. */
const syntax = /^[()|*+?{}^$]$/;

/** Tried to the end on a value of 64 characters, this many take milliseconds. */
export const mostWays = 1_000_000;

/**
 * In how many ways a match may be tried at most, as engines do that go back: what repeats has one
 * for each number of times, an alternative is one more, and those of neighbours multiply.
 */
export function waysToTry(pattern: RegExp): number {
  const parts = pattern.source.match(partOrRange) ?? [];
  let at = 0;

  function alternatives(): number {
    let ways = 0;
    let inRow = 1;
    for (; at < parts.length && parts[at] !== ")"; ) {
      if (parts[at] === "|") {
        at += 1;
        ways += inRow;
        inRow = 1;
      } else {
        inRow *= repeated();
      }
    }
    return ways + inRow;
  }

  function repeated(): number {
    const start = at;
    at += 1;
    let ways = 1;
    if (parts[start] === "(") {
      if (parts[at] === "?") at += 1;
      ways = alternatives();
      at += 1;
    }
    const [least, most] = timesOf(parts[at]);
    if (least === 1 && most === 1) return ways;
    const isSeparated = beginsWithSeparator(parts.slice(start, at));
    at += parts[at + 1] === "?" ? 2 : 1;
    return (isSeparated ? ways : ways ** most) * (most - least + 1);
  }

  return alternatives();
}

/** A token has 64 characters at most, and so nothing in it repeats more often. */
function timesOf(quantifier = ""): [least: number, most: number] {
  if (quantifier === "?") return [0, 1];
  if (quantifier === "*") return [0, 64];
  if (quantifier === "+") return [1, 64];
  const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}$/.exec(quantifier) ?? [];
  if (least === undefined) return [1, 1];
  if (comma === "") return [Number(least), Number(least)];
  return [Number(least), most ? Math.min(Number(most), 64) : 64];
}

/**
 * `(-[a-z]+)` can be repeated without harm: where a round of it begins, the separator tells, and
 * there is one way through it for each end.
 */
function beginsWithSeparator(group: readonly string[]): boolean {
  const inner = group.slice(group[1] === "?" ? 3 : 1, -1);
  const [separator = "", ...others] = inner;
  const isAlone = /^\\?[-._:+]$/.test(separator) && timesOf(others[0]).every((n) => n === 1);
  const variable = others.filter((source) => new Set(timesOf(source)).size > 1);
  const isPlain = variable.length <= 1 && !others.some((source) => /^[(|]$/.test(source));
  return (
    isAlone &&
    isPlain &&
    !others.some(
      (source) => !isQuantifier(source) && new RegExp(`^${source}$`).test(separator.slice(-1)),
    )
  );
}

function isQuantifier(part: string): boolean {
  return /^(?:[*+?]|\{\d.*\})$/.test(part);
}

const partOrRange = new RegExp(String.raw`\{\d+(?:,\d*)?\}|${part.source}`, "gs");
