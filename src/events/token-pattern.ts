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
const forbidden = [..."/\\@", ...spaces, ..."\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"];

/** A class, an escape with all that belongs to it, or any other character. */
const part = /\[(?:\\.|[^\]\\])*\]|\\(?:u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|c[A-Za-z]|[0-7]{1,3}|.)|./gs;

/** Groups, anchors and quantifiers stand for no character themselves. */
const syntax = /^[()|*+?{}^$]$/;
