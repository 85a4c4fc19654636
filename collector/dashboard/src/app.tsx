import { useEffect } from "preact/hooks";
import type { ProductsAnswer } from "../../src/query/api.ts";
import { asOf, connection, generation, watchForReturn } from "./data/client.ts";
import { useStore } from "./data/store.ts";
import { useAnswer } from "./data/use-answer.ts";
import { view as viewStore } from "./data/view.ts";
import { Adoption } from "./pages/adoption.tsx";
import { Environments } from "./pages/environments.tsx";
import { Failures } from "./pages/failures.tsx";
import { Overview } from "./pages/overview.tsx";
import { Speed } from "./pages/speed.tsx";
import { PageContext } from "./parts/context.ts";
import { FilterBar } from "./parts/filter-bar.tsx";
import { Header, pageNames } from "./parts/header.tsx";
import { Login } from "./parts/login.tsx";
import { Status } from "./parts/status.tsx";

const contents = {
  overview: Overview,
  speed: Speed,
  failures: Failures,
  environments: Environments,
  adoption: Adoption,
};

export function App() {
  const view = useStore(viewStore);
  const state = useStore(connection);
  const latest = useStore(asOf);
  const { answer, error, isLoading } = useAnswer<ProductsAnswer>("products");
  useEffect(watchForReturn, []);

  const products = answer?.products ?? [];
  const product = products.find(({ name }) => name === view.product) ?? products[0];
  useEffect(() => {
    document.title = [pageNames[view.page], product?.name, "sendoff"].filter(Boolean).join(" · ");
  }, [view.page, product?.name]);

  if (state === "locked" && !isLoading) return <Login />;
  const Content = contents[view.page];
  return (
    <>
      <a class="skip" href="#content">
        Skip to the numbers
      </a>
      <Header view={view} products={products} product={product} />
      {answer && product && product.lastDay !== null ? (
        <PageContext.Provider
          value={{ view, product, k: answer.k, retentionDays: answer.retentionDays }}
        >
          <main id="content" class="page" tabIndex={-1}>
            <div class="page-head">
              <h1 class="visually-hidden">{pageNames[view.page]}</h1>
              <FilterBar />
              <Status asOf={latest} />
            </div>
            <Content key={`${product.name} ${view.page}`} />
          </main>
        </PageContext.Provider>
      ) : (
        <main id="content" class="page" tabIndex={-1}>
          <Waiting isEmpty={answer !== undefined} product={product?.name} error={error} />
        </main>
      )}
    </>
  );
}

interface WaitingProps {
  isEmpty: boolean;
  product: string | undefined;
  error: Error | undefined;
}

/** There is nothing yet: it loads, it failed, or no build has been sent. */
function Waiting({ isEmpty, product, error }: WaitingProps) {
  if (isEmpty) {
    return (
      <div class="state whole">
        <h1>No builds yet{product ? ` from ${product}` : ""}</h1>
        <p>
          They appear here once a product sends them. Its <code>endpoint</code> is{" "}
          <code>{new URL("../v1/events", document.baseURI).href}</code>; the collector was started
          with its definitions (<code>--events</code>).
        </p>
        <p class="muted">
          To see what it looks like first: <code>sendoff-collector demo</code>
        </p>
        <button type="button" class="button" onClick={askAgain}>
          Look again
        </button>
      </div>
    );
  }
  if (error) {
    return (
      <div class="state whole" role="alert">
        <h1>The collector does not answer</h1>
        <p>{error.message}</p>
        <p class="muted">
          See whether it still runs, and is reached at this address. This page tries again by
          itself.
        </p>
        <button type="button" class="button" onClick={askAgain}>
          Try now
        </button>
      </div>
    );
  }
  return (
    <div class="grid" aria-busy="true">
      <h1 class="visually-hidden">Loading</h1>
      <div class="card panel span-12 low">
        <div class="skeleton" />
      </div>
      <div class="card panel span-12 chart">
        <div class="skeleton" />
      </div>
    </div>
  );
}

function askAgain(): void {
  generation.set(generation.get() + 1);
}
