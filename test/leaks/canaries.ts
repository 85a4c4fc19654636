import { createHash, randomInt } from "node:crypto";

/**
 * Words that stand for everything a person could have typed: a canary for each place, new for each
 * run. Found anywhere but on that person's machine, one tells which place leaks.
 */
export type Place = (typeof places)[number];

const places = [
  ...["user", "home", "host", "workspace", "folder", "entry", "module", "output", "config"],
  ...["package", "scope", "author", "script", "dependency"],
  ...["remote", "branch", "gituser", "gitmail"],
  ...["source", "comment", "identifier"],
  ...["message", "errorclass", "errorcode", "errorfile"],
  ...["loader", "plugin", "option"],
  ...["argument", "flag", "title", "word"],
  ...["value", "variable", "dotenv", "secret", "ci", "agent", "manager"],
  ...["registry", "npmuser", "npmtoken", "proxyuser", "proxypassword", "proxyhost"],
] as const;

export const canary = Object.fromEntries(
  places.map((place) => [place, `canary${place}${letters(10)}`]),
) as Readonly<Record<Place, string>>;

/** The one place where letters may not stand: numbers that occur nowhere else. */
export const canaryVersion = [1, 2, 3].map(() => randomInt(10_000, 100_000)).join(".");

/** By the place where they stand. */
export const canaries: Readonly<Record<string, string>> = { ...canary, version: canaryVersion };

function letters(count: number): string {
  return Array.from({ length: count }, () => String.fromCharCode(97 + randomInt(26))).join("");
}

/** A text to look for, and what it would give away. */
export interface Needle {
  place: string;
  encoding: string;
  text: string;
  /** Found in any case. */
  isFolded: boolean;
}

/**
 * What to look for: each word in every encoding, and hashes, without a salt, of the words and of
 * the whole texts that hold them (paths, addresses), of which tools like to send a hash.
 */
export function needlesFor(
  words: Readonly<Record<string, string>>,
  wholes: Readonly<Record<string, string>> = {},
): Needle[] {
  const ofWords = Object.entries(words).flatMap(([place, word]) =>
    Object.entries(encodings).flatMap(([encoding, { encode, isFolded }]) =>
      encode(word).map((text) => ({ place, encoding, text, isFolded })),
    ),
  );
  return [...ofWords, ...Object.entries({ ...words, ...wholes }).flatMap(hashesOf)];
}

const encodings: Record<string, { encode(word: string): string[]; isFolded: boolean }> = {
  plain: { encode: (word) => [word], isFolded: true },
  base64: { encode: (word) => base64Forms(Buffer.from(word), "base64"), isFolded: false },
  base64url: { encode: (word) => base64Forms(Buffer.from(word), "base64url"), isFolded: false },
  "base64, utf-16": {
    encode: (word) => base64Forms(Buffer.from(word, "utf16le"), "base64"),
    isFolded: false,
  },
  hex: { encode: (word) => [Buffer.from(word).toString("hex")], isFolded: true },
  "utf-16": { encode: (word) => [Buffer.from(word, "utf16le").toString("latin1")], isFolded: true },
  "url-encoded": { encode: (word) => [eachCharacter(word, (code) => `%${code}`)], isFolded: true },
  "JSON-escaped": {
    encode: (word) => [eachCharacter(word, (code) => `\\u00${code}`)],
    isFolded: true,
  },
  reversed: { encode: (word) => [[...word].reverse().join("")], isFolded: true },
};

function eachCharacter(word: string, encode: (code: string) => string): string {
  return [...word].map((letter) => encode(letter.charCodeAt(0).toString(16))).join("");
}

/** At each of the three places in a group, without the characters that neighbours share. */
function base64Forms(bytes: Buffer, encoding: "base64" | "base64url"): string[] {
  return [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString(encoding)
      .slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)),
  );
}

const algorithms = ["md5", "sha1", "sha256", "sha512"];

/** Their beginnings: shortened, a hash tells as much. */
function hashesOf([place, text]: [place: string, text: string]): Needle[] {
  const forms = new Set([text, `${text}\n`, text.toLowerCase(), text.toUpperCase()]);
  return algorithms.flatMap((algorithm) =>
    [...forms].flatMap((form) => {
      const digest = createHash(algorithm).update(form).digest();
      const [hex, base64] = [digest.toString("hex"), digest.toString("base64")];
      return [
        { place, encoding: `${algorithm}, hex`, text: hex.slice(0, 16), isFolded: true },
        { place, encoding: `${algorithm}, base64`, text: base64.slice(0, 11), isFolded: false },
        {
          place,
          encoding: `${algorithm}, base64url`,
          text: digest.toString("base64url").slice(0, 11),
          isFolded: false,
        },
      ];
    }),
  );
}

/** What of these is in a text: `package, sha256, hex`. */
export function findIn(text: string, needles: readonly Needle[]): string[] {
  const folded = text.toLowerCase();
  const found = needles.filter((needle) =>
    needle.isFolded ? folded.includes(needle.text.toLowerCase()) : text.includes(needle.text),
  );
  return [...new Set(found.map(({ place, encoding }) => `${place}, ${encoding}`))];
}
