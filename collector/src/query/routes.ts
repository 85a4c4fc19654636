import { type Context, Hono } from "hono";
import { SupersededError, TimeLimitError } from "./answers.ts";
import { binTableOf } from "./distribution.ts";
import { exportFormats, fileOf } from "./export/file.ts";
import { NoParquetError } from "./export/parquet.ts";
import { newSinceOf } from "./new-since.ts";
import type { Queries } from "./queries.ts";
import { isMany, parseQuestion, type Question, QuestionError, wholeNumber } from "./question.ts";
import { createReady, type Ready, type ReadySettings } from "./ready.ts";

/** What is not out of a request, but of who keeps answers ready. */
interface Own {
  isRenewal?: true;
}

/**
 * The query API's routes, below `/api/v1`; api.ts says what they take and answer. Who may ask is
 * decided before a request gets here.
 *
 * @param saw told each question that was answered, and how long it took.
 */
export function queryRoutes(queries: Queries, saw?: Ready["saw"]): Hono {
  const routes = new Hono();
  const isOwn = ({ env }: Context) => (env as Own | undefined)?.isRenewal === true;
  const ask = (context: Context) => ({
    signal: context.req.raw.signal,
    tag: context.req.query("tag"),
    isRenewal: isOwn(context) || context.req.header("cache-control") === "no-cache",
  });
  const question = ({ req }: Context, isMore: readonly string[] = []) =>
    parseQuestion(
      new URL(req.url).searchParams,
      queries.catalogs(),
      new Date(queries.now()),
      isMore,
    );

  if (saw) {
    routes.use(async (context, next) => {
      const since = performance.now();
      await next();
      const { pathname, search } = new URL(context.req.url);
      const path = pathname.slice(pathname.lastIndexOf("/"));
      if (context.res.status === 200 && path !== "/export" && !isOwn(context)) {
        saw(`${path}${search}`, performance.now() - since);
      }
    });
  }
  routes.get("/products", async (context) => context.json(await queries.products(ask(context))));
  routes.get("/query", async (context) =>
    context.json(await queries.query(question(context), ask(context))),
  );
  routes.get("/export", async (context) => {
    const format = exportFormats.find((each) => each === context.req.query("format"));
    if (!format) {
      throw new QuestionError(
        `format=${context.req.query("format") ?? ""} is not known: pass csv or parquet.`,
      );
    }
    if (context.req.query("field") !== undefined) {
      const asked = question(context, ["format", "field", "bins"]);
      const its = distributionParameters(context, asked);
      const answer = await queries.distribution(asked, its, ask(context));
      return fileOf(binTableOf(answer, asked), format);
    }
    if (context.req.query("since") !== undefined) {
      return fileOf(await newSince(context, ["format"]), format);
    }
    const asked = question(context, ["format", "field", "since"]);
    return fileOf(await queries.query(asked, ask(context)), format);
  });
  routes.get("/new", async (context) => context.json(await newSince(context)));
  routes.get("/distribution", async (context) => {
    const asked = question(context, ["field", "bins"]);
    return context.json(
      await queries.distribution(asked, distributionParameters(context, asked), ask(context)),
    );
  });

  routes.onError((error, context) => {
    if (context.req.raw.signal.aborted) {
      // Nobody waits for it.
      return new Response(null, { status: 499 });
    }
    const status = statusOf(error);
    if (status === undefined) {
      throw error;
    }
    return context.json({ error: error.message }, status);
  });
  return routes;

  function newSince(context: Context, isMore: readonly string[] = []) {
    const since = context.req.query("since");
    if (!since) {
      throw new QuestionError("since is missing: pass a version, such as since=1.10.0.");
    }
    const asked = question(context, ["since", ...isMore]);
    const dimensions = queries.catalogs().get(asked.product)?.dimensions ?? [];
    return queries.newSince(asked, newSinceOf(since, asked, dimensions), ask(context));
  }

  function distributionParameters({ req }: Context, { product, by }: Question) {
    const dimensions = queries.catalogs().get(product)?.dimensions ?? [];
    const name = req.query("field") ?? "duration";
    const field = dimensions.find((each) => each.name === name && each.kind === "number");
    if (!field) {
      const numbers = dimensions.filter(({ kind }) => kind === "number");
      throw new QuestionError(
        `field=${name} is no number: pass one of ${numbers.map((each) => each.name).join(", ")}.`,
      );
    }
    if (by.length > 1 || by.some((one) => one.kind !== "dimension" || isMany(one))) {
      throw new QuestionError(
        `by=${by.map((one) => one.name).join(",")} is too much: pass one dimension, no list or map, or leave it out.`,
      );
    }
    return { field, bins: wholeNumber("bins", req.query("bins") ?? null, 40, 200) };
  }
}

/** The routes, and what keeps their answers ready. */
export function readyRoutes(
  queries: Queries,
  settings: Omit<ReadySettings, "renew" | "now">,
): { routes: Hono; ready: Ready } {
  const own: Own = { isRenewal: true };
  const ready = createReady({
    ...settings,
    now: queries.now,
    renew: async (path, signal) => routes.request(path, { signal: signal ?? null }, own),
  });
  const routes = queryRoutes(queries, ready.saw);
  return { routes, ready };
}

function statusOf(error: Error) {
  if (error instanceof QuestionError) {
    return 400;
  }
  if (error instanceof SupersededError) {
    return 409;
  }
  if (error instanceof NoParquetError) {
    return 501;
  }
  return error instanceof TimeLimitError ? 504 : undefined;
}
