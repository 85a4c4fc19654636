import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { DimensionSummary, ProductSummary } from "../../../src/query/api.ts";
import type { View } from "../data/view.ts";

/** What every part of a page knows: the product, the view and the rules of the collector. */
export interface PageContext {
  view: View;
  product: ProductSummary;
  k: number;
  /** Raw events are kept for so many days. */
  retentionDays: number;
}

export const PageContext = createContext<PageContext | null>(null);

export function usePage(): PageContext {
  const context = useContext(PageContext);
  if (!context) throw new Error("A part of a page stands outside of one.");
  return context;
}

export function dimensionOf(product: ProductSummary, name: string): DimensionSummary | undefined {
  return product.dimensions.find((dimension) => dimension.name === name);
}
