import { errorTypes } from "./error-list.ts";

/** A long list of our own. */
export interface KnownList {
  /** The same array each time, made when first asked for. */
  words(): readonly string[];
  /** Of the words' JSON: a test has checked and hashed them, so that not every build has to. */
  hash: string;
}

export const errorTypeList: KnownList = {
  words: () => known(errorTypes(), errorTypeList),
  hash: "82d73cbec760f6a0862716b95244b421",
};

const hashes = new WeakMap<object, string>();

/** Notes that this is the list, or a field that takes its words. */
export function known<Of extends object>(of: Of, { hash }: KnownList): Of {
  hashes.set(of, hash);
  return of;
}

/** Undefined for what is no known list's. */
export function knownHash(of: object): string | undefined {
  return hashes.get(of);
}
