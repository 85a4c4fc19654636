import { isRecord } from "../support/files.ts";
import { type KnownList, known, knownHash } from "./known-lists.ts";
import { forbiddenMatch, mostWays, waysToTry } from "./token-pattern.ts";

/**
 * The kinds of field, the only ones: each is a plain object that says what a value may be, and
 * none of them can hold text that somebody typed. What they accept is decided in `accept.ts`.
 */
export interface BooleanField extends Described {
  kind: "boolean";
}
export interface NumberField extends Described {
  kind: "count" | "milliseconds" | "bytes";
  /** The largest value taken; a larger one is dropped. */
  max: number;
}
export interface OneOfField<Value extends string = string> extends Described {
  kind: "oneOf";
  /** Anything else becomes `other`. */
  values: readonly Value[];
}
export interface BucketField extends Described {
  kind: "bucket";
  /** Ascending; a number becomes the largest edge that is not above it. */
  edges: readonly number[];
}
export interface VersionField extends Described {
  kind: "version";
}
export interface TokenField extends Described {
  kind: "token";
  /** A regular expression's source, matched against the whole value. */
  pattern: string;
  /** Characters at most. */
  max: number;
}
export interface HashField extends Described {
  kind: "hash";
}
export interface ListField<Item extends ItemField = ItemField> extends Described {
  kind: "listOf";
  item: Item;
  /** Entries at most; further ones are left out. */
  max: number;
}
export interface MapField<Key extends string = string, Value extends ScalarField = ScalarField>
  extends Described {
  kind: "mapOf";
  keys: readonly Key[];
  value: Value;
}
interface Described {
  /** One sentence for the people it is about; it ends up in TELEMETRY.md. */
  description: string;
}

export type ItemField = OneOfField | TokenField;
export type ScalarField =
  | BooleanField
  | NumberField
  | OneOfField
  | BucketField
  | VersionField
  | TokenField
  | HashField;
export type Field = ScalarField | ListField | MapField;

/** The TypeScript type of a field's value, as `record` takes it. */
export type ValueOf<F> = F extends BooleanField
  ? boolean
  : F extends NumberField | BucketField
    ? number
    : F extends OneOfField<infer Value>
      ? Value | OtherThan<Value>
      : F extends ListField<infer Item>
        ? ValueOf<Item>[]
        : F extends MapField<infer Key, infer Value>
          ? { [K in Key]?: ValueOf<Value> | undefined }
          : F extends VersionField | TokenField | HashField
            ? string
            : never;
/** Editors suggest the listed values, and any string is taken: it becomes `other`. */
type OtherThan<_Value extends string> = string & {};

const largest = Number.MAX_SAFE_INTEGER;

/** A week: longer than any build, short enough to notice a unit mixed up. */
const longestMs = 7 * 24 * 60 * 60 * 1000;

/** Makes fields. Each takes a description last: what it says, for the people it is about. */
export const field = {
  boolean: (description: string): BooleanField =>
    made({ kind: "boolean", description: described(description) }),
  /** A whole number from 0 to `max`. */
  count: (max: number, description: string): NumberField =>
    made({ kind: "count", max: limit("max", max), description: described(description) }),
  /** A duration in milliseconds, rounded to whole ones. */
  milliseconds: (description: string): NumberField =>
    made({ kind: "milliseconds", max: longestMs, description: described(description) }),
  /** A size in bytes, rounded to whole ones. */
  bytes: (description: string): NumberField =>
    made({ kind: "bytes", max: largest, description: described(description) }),
  /** One of the listed words; anything else becomes `other`. */
  oneOf: <const Value extends string>(
    values: readonly Value[],
    description: string,
  ): OneOfField<Value> =>
    made({ kind: "oneOf", values: words("values", values), description: described(description) }),
  /** A number, kept only as the largest edge that is not above it. */
  bucket: (edges: readonly number[], description: string): BucketField =>
    made({ kind: "bucket", edges: ascending(edges), description: described(description) }),
  /** A version such as `5.99.0` or `v22.1.0-rc.1`, without build metadata. */
  version: (description: string): VersionField =>
    made({ kind: "version", description: described(description) }),
  /** A short word that matches a pattern from start to end. */
  token: (shape: { pattern: RegExp; max: number }, description: string): TokenField =>
    made({
      kind: "token",
      pattern: wordPattern(shape?.pattern),
      max: limit("max", shape.max, 64),
      description: described(description),
    }),
  /** 64 hexadecimal digits: a salted SHA-256. */
  hash: (description: string): HashField =>
    made({ kind: "hash", description: described(description) }),
  /** Up to `max` words, each one of a list or a token. */
  listOf: <const Item extends ItemField>(
    item: Item,
    max: number,
    description: string,
  ): ListField<Item> =>
    made({
      kind: "listOf",
      item: inner("A list's item", item, itemKinds),
      max: limit("max", max, 100),
      description: described(description),
    }),
  /** A value for some of the listed keys. */
  mapOf: <const Key extends string, const Value extends ScalarField>(
    keys: readonly Key[],
    value: Value,
    description: string,
  ): MapField<Key, Value> =>
    made({
      kind: "mapOf",
      keys: words("keys", keys),
      value: inner("A map's value", value, scalarKinds),
      description: described(description),
    }),
};

/** As `field.oneOf`; the words are not made before somebody looks at them. */
export function oneOfKnown(list: KnownList, description: string): OneOfField {
  const oneOf: OneOfField = {
    kind: "oneOf",
    get values() {
      return list.words();
    },
    description,
  };
  return known(made(oneOf), list);
}

const itemKinds: readonly ItemField["kind"][] = ["oneOf", "token"];
const scalarKinds: readonly ScalarField["kind"][] = [
  ...itemKinds,
  ...(["boolean", "count", "milliseconds", "bytes", "bucket", "version", "hash"] as const),
];

const fieldKinds: readonly Field["kind"][] = [...scalarKinds, "listOf", "mapOf"];

export function isField(value: unknown): value is Field {
  return isOfKind(value, fieldKinds);
}

function isOfKind(value: unknown, kinds: readonly unknown[]): boolean {
  return isRecord(value) && kinds.includes(value.kind) && Object.isFrozen(value);
}

function inner<F extends Field>(what: string, value: F, kinds: readonly Field["kind"][]): F {
  if (isOfKind(value, kinds)) return value;
  const makers = kinds.map((kind) => `field.${kind}(…)`).join(", ");
  throw new TypeError(`${what} can't be that: make it by ${makers}.`);
}

function made<F extends Field>(value: F): F {
  return Object.freeze(value);
}

function described(description: string): string {
  if (typeof description === "string" && description.trim() !== "") return description.trim();
  throw new TypeError(
    "A field has no description: pass one sentence as the last argument, for TELEMETRY.md.",
  );
}

function limit(what: string, value: number, most = largest): number {
  if (Number.isSafeInteger(value) && value > 0 && value <= most) return value;
  throw new RangeError(
    `A field's ${what} is ${String(value)}: pass a whole number from 1 to ${most}.`,
  );
}

const word = /^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$/;

function words<Word extends string>(what: string, values: readonly Word[]): readonly Word[] {
  if (Array.isArray(values) && knownHash(values)) return values;
  if (!Array.isArray(values) || values.length === 0 || values.length > 1000) {
    throw new RangeError(`A field's ${what} must be a list of 1 to 1000 words.`);
  }
  for (const value of values) {
    if (typeof value !== "string" || !word.test(value)) {
      throw new TypeError(
        `"${String(value)}" in a field's ${what} is not a word: use up to 64 letters, digits and . _ : + -`,
      );
    }
  }
  return Object.freeze([...new Set(values)]);
}

function ascending(edges: readonly number[]): readonly number[] {
  const inOrder =
    Array.isArray(edges) &&
    edges.length > 0 &&
    edges.length <= 100 &&
    edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] as number)));
  if (inOrder) return Object.freeze([...edges]);
  throw new RangeError("A bucket's edges must be 1 to 100 numbers in ascending order.");
}

function wordPattern(pattern: RegExp): string {
  if (!(pattern instanceof RegExp)) {
    throw new TypeError("A token's pattern must be a regular expression, such as /[a-z]{1,12}/.");
  }
  const fix = "allow letters, digits and . _ : + - only, such as /[a-z0-9-]{1,20}/.";
  if (pattern.flags !== "") {
    throw new TypeError(
      `A token's pattern ${String(pattern)} has flags, which don't travel: ${fix}`,
    );
  }
  const character = forbiddenMatch(pattern);
  if (character !== undefined) {
    throw new TypeError(
      `A token's pattern ${String(pattern)} can match ${JSON.stringify(character)}: ${fix}`,
    );
  }
  if (waysToTry(pattern) <= mostWays) return pattern.source;
  throw new TypeError(
    `A token's pattern ${String(pattern)} can take for ever to fail: repeat no group that repeats or chooses, unless it begins with a separator, such as /[a-z]+(-[a-z]+)*/, and bound what repeats, such as /[a-z]{1,20}/.`,
  );
}
