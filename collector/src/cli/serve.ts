import { existsSync, readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { fileURLToPath } from "node:url";
import { serveStatic } from "@hono/node-server/serve-static";
import { type Logger, pino } from "pino";
import collector from "../../package.json" with { type: "json" };
import { readSettings, unknownVariables } from "../config/read-settings.ts";
import type { Settings } from "../config/settings.ts";
import { SettingsError } from "../config/told-error.ts";
import { serveCopies } from "../copy/socket.ts";
import { sourceOf } from "../copy/source.ts";
import { loadProducts } from "../definitions/kept.ts";
import { createIngest } from "../ingest/ingest.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { leave, takeLeft } from "../query/left-file.ts";
import { Queries } from "../query/queries.ts";
import { readyRoutes } from "../query/routes.ts";
import { bansOf, openBans } from "../rates/bans.ts";
import { createRates } from "../rates/rates.ts";
import { createApp } from "../server/app.ts";
import { nodeSource, serveOnNode } from "../server/node.ts";
import { publicPage } from "../server/public-page.ts";
import { checkPlace, folderOf, openStore } from "../store/open-store.ts";
import { severalStores } from "../store/several.ts";
import type { Store } from "../store/store.ts";
import { onceAMinute } from "./once-a-minute.ts";

/** How often aggregates, retention and bans are looked after. */
const maintainEveryMs = 5_000;

/** An answer that took long is renewed every few minutes; after a start, an older one is better than none. */
const staleMs = 10 * 60_000;

/** Rules that a policy has, and some to spare. */
const mostViolations = 50;

/** A running collector. */
export interface Running {
  /** Where it listens. */
  url: string;
  store: Store;
  /** Answers what is under way, writes what waits, and resolves. */
  stop(): Promise<void>;
}

/** `sendoff-collector`: listens, stores, shows, until a signal ends it. */
export async function serve(given: Parameters<typeof readSettings>[0]): Promise<void> {
  const settings = readSettings(given);
  const log = logOf(settings);
  for (const problem of unknownVariables(given.env)) log.warn(problem);
  const { url, store, stop } = await start(settings, log);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void stop().then(() => process.exit(0));
    });
  }
  const dashboard = `Dashboard        ${url}/dashboard/`;
  const lines = [
    `Collecting at    ${url}/v1/events`,
    // Of what is only forwarded there is nothing to see here.
    store.reader && (settings.token.length > 0 ? `${dashboard} (needs a token)` : dashboard),
    `What is said     ${url}/`,
    `Stored in        ${store.name}`,
  ];
  process.stdout.write(`${lines.filter(Boolean).join("\n")}\n`);
}

function logOf({ logLevel }: Settings): Logger {
  return pino({ level: logLevel, base: null }, pino.destination(2));
}

export async function start(settings: Settings, log = logOf(settings)): Promise<Running> {
  const onError = onceAMinute((error) => log.error({ error: error.message, stack: error.stack }));
  const metrics = createMetrics();
  const tls = tlsOf(settings);
  checkPlace(settings.store, "name another place by --store");
  const place = folderOf(settings.store);
  const products = loadProducts(settings.events, place && `${place.base}.definitions`, (problem) =>
    log.warn({ problem }, "kept definitions are skipped"),
  );
  // Of a store that others write to, too, nobody knows what they have erased.
  const database = settings.store.length === 1 ? place?.base : undefined;
  const likeness = {
    version: collector.version,
    k: settings.k,
    retentionDays: settings.retentionDays,
    products: products.all.map(({ fingerprint }) => fingerprint),
  };
  const left = database ? takeLeft(database, likeness) : undefined;
  const stores = await Promise.all(
    settings.store.map((where) => openStore(where, { ...settings, onError })),
  );
  const store = stores.length === 1 ? (stores[0] as Store) : severalStores(stores);
  const file = stores.find(({ name }) => name.startsWith("duckdb:"));
  const closeCopies = place && file && (await serveCopies(place.base, sourceOf(file), onError));
  const bans = place ? openBans(bansOf(place.base), onError) : undefined;
  const { reader } = store;
  const queries =
    reader &&
    new Queries({
      reader,
      products: () => products.all,
      k: settings.k,
      retentionDays: settings.retentionDays,
      ...(left && { staleMs, kept: left.kept }),
    });
  const api = queries && readyRoutes(queries, left ? { remembered: left.asked } : {});
  const ingest = createIngest({
    products,
    store,
    rates: createRates({
      perId: settings.ratePerId,
      perSource: settings.ratePerSource,
      total: settings.rateTotal,
    }),
    bans,
    tally: metrics,
    stopped: new Set(settings.stop),
    onErased() {
      queries?.forget();
      api?.ready.forget();
    },
    onError,
    now: () => new Date(),
  });

  const violated = new Set<string>();
  let notReady: string | undefined = "The store is being read.";
  store.ready.then(
    () => {
      notReady = undefined;
      log.info({ store: store.name }, "ready");
    },
    (error: Error) => {
      notReady = "The store can't be read; the log says why.";
      onError(error);
    },
  );
  const app = createApp({
    ingest,
    platform: { source: nodeSource(settings.behindProxy) },
    tokens: settings.token,
    isBehindProxy: settings.behindProxy,
    publicPage: () =>
      publicPage({
        products,
        retentionDays: settings.retentionDays,
        forwardsTo: settings.store
          .filter((name) => name.startsWith("posthog:"))
          // Without the project's key.
          .map((name) => new URL(name.slice("posthog:".length)).origin),
      }),
    notReady: () => notReady,
    metrics,
    queries: api?.routes,
    dashboard: dashboard(),
    onViolation(directive) {
      metrics.violated();
      // Anybody can send one: the log is not to be filled by them.
      if (violated.size === mostViolations || violated.has(directive)) return;
      violated.add(directive);
      log.warn({ directive }, "the dashboard's content policy was violated; told once");
    },
    onError,
  });
  const server = await serveOnNode({
    app,
    ingest,
    host: settings.host,
    port: settings.port,
    isBehindProxy: settings.behindProxy,
    maxConnections: settings.maxConnections,
    tls,
  }).catch(async (error) => {
    await closeCopies?.();
    await store.close();
    throw error;
  });
  log.info({ url: server.url }, "listening");
  const timer = setInterval(() => {
    bans?.refresh();
    store.maintain(new Date()).catch(onError);
  }, maintainEveryMs);

  const stopRenewing = left && api?.ready.run(() => notReady === undefined);

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    notReady = "The collector is stopping.";
    clearInterval(timer);
    await stopRenewing?.();
    await server.close();
    await closeCopies?.();
    await store.close();
    if (database && api) {
      try {
        leave(database, likeness, { kept: queries.slow(), asked: api.ready.asked() });
      } catch (error) {
        onError(error as Error);
      }
    }
    log.info("stopped");
  };
  return {
    url: server.url,
    store,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Beside the built file; there is none where the sources run. */
function dashboard() {
  const root = fileURLToPath(new URL("dashboard", import.meta.url));
  if (!existsSync(root)) return undefined;
  return serveStatic({
    root,
    rewriteRequestPath: (path) => path.replace(/^\/dashboard/, ""),
  });
}

function tlsOf({ tlsCert, tlsKey }: Settings) {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  try {
    const tls = { cert: readFileSync(tlsCert, "utf8"), key: readFileSync(tlsKey, "utf8") };
    createSecureContext(tls);
    return tls;
  } catch (error) {
    throw new SettingsError(
      `--tls-cert ${tlsCert}, --tls-key ${tlsKey}: ${(error as Error).message}: name two PEM files that go together.`,
    );
  }
}
