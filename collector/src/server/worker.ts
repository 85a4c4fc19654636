import { resolveSettings } from "../config/resolve-settings.ts";
import type { Settings } from "../config/settings.ts";
import { SettingsError } from "../config/told-error.ts";
import { readProduct } from "../definitions/product.ts";
import { createProducts, type Products } from "../definitions/products.ts";
import { createIngest } from "../ingest/ingest.ts";
import { noTally } from "../metrics/tally.ts";
import { Queries } from "../query/queries.ts";
import { queryRoutes } from "../query/routes.ts";
import { createRates, type Rates } from "../rates/rates.ts";
import { openClickHouse } from "../store/clickhouse/web.ts";
import { createApp } from "./app.ts";
import { publicPage } from "./public-page.ts";

/** The platform's settings and secrets: the collector's variables, as docs/collector-runtimes.md says. */
export type Bindings = Record<string, unknown>;

export interface Worker {
  fetch(request: Request, bindings: Bindings): Promise<Response>;
  /** A cron trigger: makes the tables, aggregates, deletes what is due. */
  scheduled(event: unknown, bindings: Bindings): Promise<void>;
}

/**
 * The collector on a worker (workerd), over ClickHouse: ingest, erasure, the public page and the query
 * API. A request is answered with 202 when ClickHouse has the rows: nothing else is kept here.
 *
 * @param schemas what `events --json-schema` has written, parsed; a product's newest last.
 * @throws SettingsError for one that is none.
 */
export function createWorker(schemas: readonly unknown[]): Worker {
  const products = createProducts(
    schemas.map((schema, index) => readProduct(schema, `schema ${index + 1}`)),
  );
  // Made by the first request: at its start a worker may have no random numbers.
  let rates: Rates | undefined;
  return {
    async fetch(request, bindings) {
      const settings = settingsOf(bindings);
      rates ??= createRates({
        perId: settings.ratePerId,
        perSource: settings.ratePerSource,
        total: settings.rateTotal,
      });
      const app = await appOf(settings, products, rates);
      return app.fetch(request);
    },
    async scheduled(_, bindings) {
      const store = await openStore(settingsOf(bindings), true);
      try {
        await store.maintain(new Date());
      } finally {
        await store.close();
      }
    },
  };
}

/** Anew for each request: what one has opened no other may wait for. */
async function appOf(settings: Settings, products: Products, rates: Rates) {
  const { k, retentionDays, token } = settings;
  const store = await openStore(settings, false);
  const ingest = createIngest({
    ...{ products, store, rates, onError },
    bans: undefined,
    tally: noTally,
    stopped: new Set(settings.stop),
    now: () => new Date(),
  });
  const { reader } = store;
  return createApp({
    ...{ ingest, onError },
    platform: { source: ({ req }) => req.header("cf-connecting-ip") ?? "" },
    tokens: token,
    publicPage: () => publicPage({ products, retentionDays, forwardsTo: [] }),
    notReady: () => undefined,
    // Without a token they are for whoever sits at the machine, and nobody does.
    queries:
      reader && token.length > 0
        ? queryRoutes(new Queries({ reader, products: () => products.all, k, retentionDays }))
        : undefined,
    onViolation() {},
  });
}

function openStore({ store, retentionDays, cluster }: Settings, migrate: boolean) {
  const [where = "", ...others] = store;
  if (!where.startsWith(prefix) || others.length > 0) {
    throw new SettingsError(
      "SENDOFF_COLLECTOR_STORE: a worker has no files: say clickhouse:URL, and no other.",
    );
  }
  return openClickHouse(
    { url: where.slice(prefix.length) },
    { migrate, retentionDays, onError, ...(cluster !== undefined && { cluster }) },
  );
}

const prefix = "clickhouse:";

function settingsOf(bindings: Bindings): Settings {
  const texts = Object.entries(bindings).filter(([, value]) => typeof value === "string");
  // They come by `createWorker`.
  const flags = { events: ["bundled"] };
  return resolveSettings({ flags, env: Object.fromEntries(texts) as NodeJS.ProcessEnv });
}

/** The platform's log. */
function onError(error: Error): void {
  // biome-ignore lint/suspicious/noConsole: there is no other.
  console.error(error.message);
}
