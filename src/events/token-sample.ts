/** What a token's pattern looks like from outside: an example, and its source for other readers. */

/** The shortest sensible word that the pattern takes; undefined for one that is too clever. */
export function sampleToken(pattern: string, max: number): string | undefined {
  const word = new Sampler(pattern).sample();
  const isTaken = word.length <= max && new RegExp(`^(?:${pattern})$`).test(word);
  return isTaken && word !== "" ? word : undefined;
}

/**
 * JSON Schema reads patterns in Unicode mode, which takes a backslash before a letter or a hyphen
 * only where it means something.
 */
export function unicodeSource(pattern: string): string {
  if (compiles(pattern)) return pattern;
  const parts = pattern.match(/\[(?:\\.|[^\]\\])*\]|\\.|[^\\[]/gs) ?? [];
  return parts.map((part) => (part.startsWith("[") ? inClass(part) : outside(part))).join("");
}

function inClass(part: string): string {
  return part.replace(/\\([^dDwWsSbBfnrtvcxu\d^$\\.*+?()[\]{}|/-])/g, "$1");
}

function outside(part: string): string {
  return part.replace(/^\\([^dDwWsSbBfnrtvcxu\d^$\\.*+?()[\]{}|/])$/, "$1");
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    return false;
  }
}

const characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:+";

/**
 * Walks a pattern from left to right and takes the first way through it: of alternatives the first,
 * of a class a letter if there is one, of repetitions the fewest, but at least one.
 */
class Sampler {
  readonly #parts: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    const part = /\[(?:\\.|[^\]\\])*\]|\\(?:u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|.)|\{\d+(?:,\d*)?\}|./gs;
    this.#parts = pattern.match(part) ?? [];
  }

  /** Until the pattern, or the group, ends. */
  sample(): string {
    let taken: string | undefined;
    let word = "";
    while (this.#at < this.#parts.length && this.#parts[this.#at] !== ")") {
      if (this.#parts[this.#at] === "|") {
        taken ??= word;
        word = "";
        this.#at += 1;
      } else {
        word += this.#repeated(this.#atom());
      }
    }
    return taken ?? word;
  }

  #atom(): string {
    const part = this.#parts[this.#at] as string;
    this.#at += 1;
    if (part === "^" || part === "$" || /^\\[bB]$/.test(part)) return "";
    if (part !== "(") return this.#character(part);
    // `(?:`, `(?<name>`; what looks around is left to the caller's last check.
    if (this.#parts[this.#at] === "?") {
      const isNamed = this.#parts[this.#at + 1] === "<";
      this.#at += isNamed ? this.#parts.indexOf(">", this.#at) - this.#at + 1 : 2;
    }
    const word = this.sample();
    this.#at += 1;
    return word;
  }

  #character(part: string): string {
    const one = new RegExp(`^(?:${part})$`);
    return [...characters].find((character) => one.test(character)) ?? part;
  }

  #repeated(word: string): string {
    const [, exact] = /^\{(\d+)/.exec(this.#parts[this.#at] ?? "") ?? [];
    if (exact === undefined && !/^[*+?]$/.test(this.#parts[this.#at] ?? "")) return word;
    this.#at += 1;
    if (this.#parts[this.#at] === "?") this.#at += 1; // Lazy.
    return word.repeat(Math.max(1, Number(exact ?? 1)));
  }
}
