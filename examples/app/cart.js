import catalog from "./catalog.json";

export function createCart() {
  const counts = new Map();
  return {
    add(product, count = 1) {
      if (!(product in catalog)) throw new RangeError(`There is no ${product}`);
      counts.set(product, (counts.get(product) ?? 0) + count);
    },
    get lines() {
      return [...counts].map(([product, count]) => ({
        product,
        count,
        cents: catalog[product] * count,
      }));
    },
  };
}
