import type { Product } from "./product.ts";

/**
 * The products that a collector serves, each with every definitions that it has been started with:
 * builds of older versions go on sending by older ones.
 */
export interface Products {
  /** The ones it was started with; a product's newest file is its last. */
  readonly current: readonly Product[];
  /** Those of former starts too, the newest of each product last. */
  readonly all: readonly Product[];
  /** Those of exactly this fingerprint, old or new. */
  known(fingerprint: string): Product | undefined;
  /**
   * For a fingerprint that nobody knows, such as that of a version that came out before the
   * collector got its file: the newest of the only product, undefined where there are several.
   */
  fallback(): Product | undefined;
}

/** @param earlier of former starts, in any order. */
export function createProducts(
  current: readonly Product[],
  earlier: readonly Product[] = [],
): Products {
  const given = new Set(current.map(({ fingerprint }) => fingerprint));
  const all = [...earlier.filter(({ fingerprint }) => !given.has(fingerprint)), ...current];
  const byFingerprint = new Map(all.map((product) => [product.fingerprint, product]));
  const names = new Set(current.map(({ name }) => name));
  return {
    current,
    all,
    known: (fingerprint) => byFingerprint.get(fingerprint),
    fallback: () => (names.size === 1 ? current.at(-1) : undefined),
  };
}
