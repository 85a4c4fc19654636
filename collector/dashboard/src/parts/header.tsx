import type { ProductSummary } from "../../../src/query/api.ts";
import { formatView, go, type Page, pages, type View } from "../data/view.ts";
import { Select } from "./select.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

export interface HeaderProps {
  view: View;
  products: readonly ProductSummary[];
  product: ProductSummary | undefined;
}

export const pageNames: Record<Page, string> = {
  overview: "Overview",
  speed: "Speed",
  failures: "Failures",
  environments: "Environments",
  adoption: "Adoption",
};

export function Header({ view, products, product }: HeaderProps) {
  return (
    <header class="top">
      <div class="top-inner">
        <span class="brand">
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path class="wing" d="M1.2 7.1 14.8 1 9.9 14.9 7.4 9.2z" />
            <path class="fold" d="M14.8 1 7.4 9.2 1.2 7.1z" />
          </svg>
          sendoff
        </span>
        {product && products.length > 1 && (
          <Select
            label="Product"
            value={product.name}
            choices={products.map(({ name }) => ({ value: name, label: name }))}
            onChange={(name) => go({ product: name, where: {}, options: {} })}
          />
        )}
        {product && products.length === 1 && <span class="product-name">{product.name}</span>}
        <nav class="tabs" aria-label="Pages">
          {pages.map((page) => (
            <a
              key={page}
              href={formatView({ ...view, page, options: {} })}
              aria-current={page === view.page ? "page" : undefined}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                go({ page, options: {} });
                scrollTo({ top: 0 });
              }}
            >
              {pageNames[page]}
            </a>
          ))}
        </nav>
        <ThemeSwitch />
      </div>
    </header>
  );
}
