import { importSource } from "../bundled.mjs";

const { Queries } = await importSource("query/queries");
const { parseQuestion } = await importSource("query/question");
const { demoSchema } = await importSource("demo/product");
const { readProduct } = await importSource("definitions/product");

const product = readProduct(demoSchema(), "the demo's schema");

/** What the dashboard's views ask the query API, as their addresses say it. */
const questions = {
  "builds by day": "by=day&measure=builds,failures,successRate",
  "installations and projects": "measure=installations,projects",
  "installations by day": "by=day&measure=installations",
  "percentiles by day": "by=day&measure=p50,p75,p95,p99",
  "builds by place": "by=place&measure=builds",
  "percentiles by version": "by=productVersion&measure=builds,p50,p95",
  "percentiles by bundler and platform": "by=bundler,platform&measure=p50,p95",
  "failures by phase and type":
    "by=errorPhase,errorType&measure=failures,installationsHit&event=build:failed",
  "failures by version and type": "by=productVersion,errorType&measure=failures&event=build:failed",
  "installations by platform": "by=platform&measure=builds,installations",
  "installations by Node": "by=nodeVersion&measure=builds,installations",
  "versions by day": "by=day,productVersion&measure=builds",
  "a field of the product": "by=toolsCount&measure=builds,installations",
  "a list of the product": "by=features&measure=builds,installations",
  "one bundler and mode by day": "by=day&measure=builds&where.bundler=vite&where.mode=production",
};

const ask = (address, last, from, to) => (reader) => {
  const day = (back) => new Date(Date.parse(last) - back * 86_400_000).toISOString().slice(0, 10);
  // A new one each time: it keeps answers.
  const queries = new Queries({
    ...{ reader, products: () => [product], timeLimitMs: 120_000 },
    now: () => Date.parse(last),
  });
  const search = new URLSearchParams(`product=acme&from=${day(from)}&to=${day(to)}&${address}`);
  return queries.query(parseQuestion(search, queries.catalogs(), new Date(last)));
};

/** @param last the last day that has events, so that a file is as good tomorrow. */
export function viewsUpTo(last) {
  const view = (from, to) =>
    Object.fromEntries(
      Object.entries(questions).map(([name, address]) => [name, ask(address, last, from, to)]),
    );
  return {
    "30 days": view(29, 0),
    "the 30 before": view(59, 30),
    "90 days": view(89, 0),
  };
}
